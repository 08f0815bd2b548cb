"""The official SDKs through Envoy, which asks the picker where each request goes.

    picker.py BASE_URL MODEL ADMIN_URL

Prints one line per check, "ok NAME" or "FAIL NAME: reason", and exits 0 when all are ok.
"""

import json
import sys
import urllib.request

import anthropic
import openai

BASE, MODEL, ADMIN = sys.argv[1:4]
CLIENT = openai.OpenAI(base_url=BASE + "/v1", api_key="sk-test", max_retries=0, timeout=30)
CLAUDE = anthropic.Anthropic(base_url=BASE, api_key="sk-test", max_retries=0, timeout=30)


def user(text):
    return [{"role": "user", "content": text}]


def chat():
    answer = CLIENT.chat.completions.create(model=MODEL, messages=user("Hello!"), max_tokens=8)
    assert answer.choices[0].message.content, answer
    assert answer.usage.completion_tokens == 8, answer.usage


def chat_stream():
    with CLIENT.chat.completions.create(
        model=MODEL,
        messages=user("Tell me more."),
        max_tokens=12,
        stream=True,
        stream_options={"include_usage": True},
    ) as stream:
        chunks = list(stream)
    assert sum(1 for chunk in chunks if chunk.choices and chunk.choices[0].delta.content) >= 10, chunks
    assert chunks[-1].usage.completion_tokens == 12, chunks[-1]


def messages():
    answer = CLAUDE.messages.create(model=MODEL, max_tokens=8, messages=user("Hello!"))
    assert answer.content[0].text and answer.usage.output_tokens == 8, answer


def a_conversation_stays_where_it_is_warm():
    history = user("A story that is long enough to fill some blocks: " + "and then " * 800)
    seen = set()
    for turn in range(5):
        raw = CLIENT.chat.completions.with_raw_response.create(model=MODEL, messages=history, max_tokens=8)
        answer = raw.parse()
        history += [answer.choices[0].message.model_dump(include={"role", "content"})] + user(f"Turn {turn}?")
        cached = (answer.usage.prompt_tokens_details or None) and answer.usage.prompt_tokens_details.cached_tokens
        seen.add(bool(cached))
        if turn > 0:
            assert cached and cached > answer.usage.prompt_tokens * 0.7, (turn, answer.usage)


def an_unknown_model_is_an_error_that_the_sdk_knows():
    try:
        CLIENT.chat.completions.create(model="none", messages=user("x"))
    except openai.NotFoundError as error:
        assert error.code == "model_not_found", error
    else:
        raise AssertionError("no error")


def what_happened_is_counted():
    with urllib.request.urlopen(ADMIN + "/metrics", timeout=10) as answer:
        text = answer.read().decode()
    assert 'dialect="openai-chat"' in text, text[:2000]


def endpoints_are_known():
    with urllib.request.urlopen(ADMIN + "/endpoints", timeout=10) as answer:
        pools = json.load(answer)["pools"]
    assert sum(len(pool["endpoints"]) for pool in pools) == 3, pools


failed = False
for check in [
    chat,
    chat_stream,
    messages,
    a_conversation_stays_where_it_is_warm,
    an_unknown_model_is_an_error_that_the_sdk_knows,
    what_happened_is_counted,
    endpoints_are_known,
]:
    try:
        check()
        print("ok", check.__name__, flush=True)
    except Exception as error:
        failed = True
        print(f"FAIL {check.__name__}: {error!r}"[:2000].replace("\n", " "), flush=True)
sys.exit(failed)
