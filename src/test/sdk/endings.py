"""The official SDKs against a gateway whose engine fails inside its answers: an API error, never a short answer.

    endings.py BASE_URL MODEL TWIN_URL

Prints one line per check, "ok NAME" or "FAIL NAME: reason".
"""

import sys
import urllib.request

import anthropic
import openai

BASE, MODEL, TWIN = sys.argv[1:4]
CLIENT = openai.OpenAI(base_url=BASE + "/v1", api_key="sk-test", max_retries=0, timeout=30)
CLAUDE = anthropic.Anthropic(base_url=BASE, api_key="sk-test", max_retries=0, timeout=30)
MESSAGES = [{"role": "user", "content": "Hello!"}]


def chat(stream):
    return CLIENT.chat.completions.create(model=MODEL, messages=MESSAGES, max_tokens=50, stream=stream)


def completions(stream):
    return CLIENT.completions.create(model=MODEL, prompt="Hello!", max_tokens=50, stream=stream)


def responses(stream):
    return CLIENT.responses.create(model=MODEL, input="Hello!", max_output_tokens=50, stream=stream)


def messages(stream):
    return CLAUDE.messages.create(model=MODEL, messages=MESSAGES, max_tokens=50, stream=stream)


def fails(call, stream, expected):
    try:
        answer = call(stream)
        if stream:
            for _ in answer:
                pass
    except expected:
        return "ok"
    except Exception as error:
        return f"FAIL: {type(error).__name__}: {error}"
    return "FAIL: no error"


for call in (chat, completions, responses, messages):
    expected = anthropic.APIError if call is messages else openai.APIError
    for stream in (True, False):
        for fault in ("reset-mid", "stall-mid", "truncate", "end-early"):
            if fault == "end-early" and not stream:
                continue  # a JSON text of the announced length that is none: the SDK fails at reading it
            plan = f"{fault}=1x stall-time=30s".encode()
            urllib.request.urlopen(urllib.request.Request(TWIN + "/twin/faults", data=plan), timeout=10).read()
            word, _, reason = fails(call, stream, expected).partition(":")
            print(word, f"{call.__name__} {'stream' if stream else 'whole'} {fault}{':' if reason else ''}{reason}")
