"""An official SDK against a gateway that refuses at first: its own retry, after our Retry-After, has to succeed.

    busy.py BASE_URL MODEL openai|anthropic

Prints "ok" and the number of retries.
"""

import sys

import anthropic
import openai

BASE, MODEL, SDK = sys.argv[1:4]
MESSAGES = [{"role": "user", "content": "Hello!"}]

if SDK == "openai":
    client = openai.OpenAI(base_url=BASE + "/v1", api_key="sk-test", timeout=30)
    raw = client.chat.completions.with_raw_response.create(model=MODEL, messages=MESSAGES)
    tokens = raw.parse().usage.completion_tokens
else:
    client = anthropic.Anthropic(base_url=BASE, api_key="sk-test", timeout=30)
    raw = client.messages.with_raw_response.create(model=MODEL, max_tokens=300, messages=MESSAGES)
    tokens = raw.parse().usage.output_tokens
assert tokens == 1, tokens
print("ok", raw.retries_taken)
