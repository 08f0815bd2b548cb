"""The official OpenAI and Anthropic SDKs against a gateway, as an application developer uses them.

    suite.py BASE_URL MODEL ADMIN_URL [AUTHORITIES]

With a file of authorities the gateway is spoken to over TLS and HTTP/2, and every answer must have come so.
Prints one line per check, "ok NAME" or "FAIL NAME: reason", and exits 0 when all are ok.
"""

import json
import ssl
import sys
import time
import traceback
import urllib.request

import anthropic
import openai

BASE, MODEL, ADMIN = sys.argv[1:4]
AUTHORITIES = sys.argv[4] if len(sys.argv) > 4 else None


def came_by_http2(answer):
    assert answer.http_version == "HTTP/2", answer.http_version


def trust():
    """A new one each time: httpx offers HTTP/2 in what it is given."""
    return None if AUTHORITIES is None else ssl.create_default_context(cafile=AUTHORITIES)


def http(kind):
    if AUTHORITIES is None:
        return None
    return kind(http2=True, verify=trust(), event_hooks={"response": [came_by_http2]})


CLIENT = openai.OpenAI(base_url=BASE + "/v1", api_key="sk-test", max_retries=0, timeout=30,
                       http_client=http(openai.DefaultHttpxClient))
CLAUDE = anthropic.Anthropic(base_url=BASE, api_key="sk-test", max_retries=0, timeout=30,
                             http_client=http(anthropic.DefaultHttpxClient))
WEATHER = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


def user(text):
    return [{"role": "user", "content": text}]


def in_flight():
    with urllib.request.urlopen(ADMIN + "/endpoints", timeout=10) as answer:
        pools = json.load(answer)["pools"]
    return sum(endpoint["inFlight"] for pool in pools for endpoint in pool["endpoints"])


def wait_until_idle():
    end = time.time() + 10
    while in_flight() != 0:
        assert time.time() < end, f"still {in_flight()} in flight"
        time.sleep(0.02)


def raises(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__} was raised")


@check
def openai_chat():
    answer = CLIENT.chat.completions.create(model=MODEL, messages=user("Hello!"), max_tokens=8)
    assert answer.choices[0].message.content, answer
    assert answer.choices[0].finish_reason == "length", answer
    assert answer.usage.completion_tokens == 8 and answer.usage.prompt_tokens > 0, answer.usage


@check
def openai_chat_stream_with_usage():
    stream = CLIENT.chat.completions.create(
        model=MODEL, messages=user("Count."), max_tokens=12, stream=True, stream_options={"include_usage": True})
    chunks = list(stream)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text, chunks
    assert chunks[-1].usage.completion_tokens == 12, chunks[-1]


def metric(name):
    with urllib.request.urlopen(ADMIN + "/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name + "{"))


@check
def openai_streams_are_counted_whoever_asks():
    wait_until_idle()
    before = metric("warmgate_output_tokens_total")
    chunks = list(CLIENT.chat.completions.create(model=MODEL, messages=user("Count."), max_tokens=12, stream=True))
    assert all(chunk.choices and chunk.usage is None for chunk in chunks), chunks
    chunks = list(CLIENT.completions.create(model=MODEL, prompt="Count.", max_tokens=11, stream=True))
    assert all(chunk.choices and chunk.usage is None for chunk in chunks), chunks
    end = time.time() + 10
    while metric("warmgate_output_tokens_total") != before + 23:
        assert time.time() < end, (before, metric("warmgate_output_tokens_total"))
        time.sleep(0.02)
    assert metric("warmgate_output_tokens_estimated_total") == 0


@check
def openai_second_turn_reports_cached_tokens():
    messages = user("Tell me about caches. " * 60)
    first = CLIENT.chat.completions.create(model=MODEL, messages=messages, max_tokens=40)
    messages += [{"role": "assistant", "content": first.choices[0].message.content}]
    messages += user("Go on.")
    second = CLIENT.chat.completions.create(model=MODEL, messages=messages, max_tokens=4)
    cached = second.usage.prompt_tokens_details.cached_tokens
    assert cached >= first.usage.prompt_tokens - 16, (first.usage, second.usage)


@check
def openai_conversation_continues_warm_through_the_anthropic_sdk():
    text = "One conversation, two dialects. " * 60
    CLIENT.chat.completions.create(model=MODEL, messages=user(text), max_tokens=4)
    answer = CLAUDE.messages.create(model=MODEL, messages=user(text), max_tokens=4)
    assert answer.usage.cache_read_input_tokens >= 400, answer.usage


@check
def openai_tools():
    tool = {"type": "function", "function": {"name": "get_weather", "parameters": WEATHER}}
    answer = CLIENT.chat.completions.create(
        model=MODEL, messages=user("Weather in Paris?"), tools=[tool], tool_choice="required")
    call = answer.choices[0].message.tool_calls[0]
    assert call.function.name == "get_weather", answer
    assert "city" in json.loads(call.function.arguments), answer
    follow_up = CLIENT.chat.completions.create(
        model=MODEL,
        messages=[
            *user("Weather in Paris?"),
            answer.choices[0].message,
            {"role": "tool", "tool_call_id": call.id, "content": "sunny"},
        ],
        tools=[tool],
        max_tokens=4,
    )
    assert follow_up.choices[0].message.content, follow_up


@check
def openai_completions():
    answer = CLIENT.completions.create(model=MODEL, prompt="Once upon a time", max_tokens=6)
    assert answer.choices[0].text and answer.usage.completion_tokens == 6, answer
    chunks = list(CLIENT.completions.create(model=MODEL, prompt="Once upon a time", max_tokens=6, stream=True))
    assert "".join(chunk.choices[0].text for chunk in chunks if chunk.choices), chunks


@check
def openai_embeddings():
    answer = CLIENT.embeddings.create(model=MODEL, input=["one", "two"])
    assert len(answer.data) == 2 and len(answer.data[0].embedding) > 1, answer
    assert answer.usage.prompt_tokens > 0, answer.usage


@check
def openai_responses():
    answer = CLIENT.responses.create(model=MODEL, input="Hello!", max_output_tokens=8)
    assert answer.output_text and answer.usage.output_tokens == 8, answer
    events = [event.type for event in CLIENT.responses.create(
        model=MODEL, input="Hello!", max_output_tokens=8, stream=True)]
    assert events[0] == "response.created" and events[-1] == "response.completed", events


def a_conversation(stream):
    first = CLIENT.responses.create(model=MODEL, input="Hello!", max_output_tokens=4)
    turns = [first.id]
    for _ in range(3):
        answer = CLIENT.responses.create(
            model=MODEL, input="And then?", previous_response_id=turns[-1], max_output_tokens=4, stream=stream)
        if stream:
            answer = list(answer)[-1].response
        assert answer.previous_response_id == turns[-1], answer
        turns.append(answer.id)
    return turns


@check
def openai_responses_go_on_where_they_are_kept():
    # Each server keeps its own responses: elsewhere all of this is "not found".
    for stream in (False, True) * 3:
        turns = a_conversation(stream)
        assert CLIENT.responses.retrieve(turns[-1]).id == turns[-1]
        error = raises(openai.BadRequestError, lambda: CLIENT.responses.cancel(turns[-1]))
        assert "synchronous" in error.message, error.body
        CLIENT.responses.delete(turns[0])
        error = raises(openai.NotFoundError, lambda: CLIENT.responses.retrieve(turns[0]))
        assert turns[0] in error.message, error.body


@check
def openai_unknown_response_is_not_found():
    error = raises(openai.NotFoundError, lambda: CLIENT.responses.create(
        model=MODEL, input="And then?", previous_response_id="resp_none"))
    assert "resp_none" in error.message, error.body


@check
def openai_models():
    assert [model.id for model in CLIENT.models.list()] == [MODEL]


@check
def openai_models_retrieve():
    assert CLIENT.models.retrieve(MODEL).id == MODEL
    error = raises(openai.NotFoundError, lambda: CLIENT.models.retrieve("org/nope"))
    assert error.code == "model_not_found", error.body


@check
def openai_transcription():
    sound = ("a.wav", b"RIFF" + bytes(700_000), "audio/wav")
    answer = CLIENT.audio.transcriptions.create(model=MODEL, file=sound)
    assert "bytes of sound" in answer.text, answer
    raises(openai.NotFoundError, lambda: CLIENT.audio.transcriptions.create(model="nope", file=sound))


def post(path, body):
    request = urllib.request.Request(
        BASE + path, json.dumps(body).encode(), {"Content-Type": "application/json", "Authorization": "Bearer sk-test"})
    with urllib.request.urlopen(request, timeout=30, context=trust()) as answer:
        return json.load(answer)


@check
def rerank_and_score():
    for path in ("/v1/rerank", "/rerank", "/v2/rerank"):
        answer = post(path, {"model": MODEL, "query": "warm?", "documents": ["a cache", "a stove", "a coat"], "top_n": 2})
        assert len(answer["results"]) == 2 and answer["usage"]["total_tokens"] > 0, answer
    for path in ("/v1/score", "/score"):
        answer = post(path, {"model": MODEL, "text_1": "warm?", "text_2": ["a cache", "a stove"]})
        assert [one["index"] for one in answer["data"]] == [0, 1], answer


@check
def tokenize_and_back():
    tokens = post("/tokenize", {"model": MODEL, "prompt": "Hello, cache!"})["tokens"]
    assert post("/detokenize", {"model": MODEL, "tokens": tokens})["prompt"].endswith("Hello, cache!"), tokens


@check
def openai_unknown_model_is_not_found():
    error = raises(openai.NotFoundError, lambda: CLIENT.chat.completions.create(model="nope", messages=user("x")))
    assert error.code == "model_not_found" and MODEL in error.message, error.body


@check
def openai_bad_request():
    error = raises(openai.BadRequestError, lambda: CLIENT.chat.completions.create(model=MODEL, messages="x"))
    assert error.type == "invalid_request_error" and error.param == "messages", error.body


def for_one_stream(client, kind):
    """A client to be closed after a stream that is left early: over HTTP/2 the SDKs' httpx does not reset that stream."""
    return client if AUTHORITIES is None else client.copy(http_client=http(kind))


def done(client):
    if AUTHORITIES is not None:
        client.close()


@check
def openai_cancelled_stream_frees_the_endpoint():
    client = for_one_stream(CLIENT, openai.DefaultHttpxClient)
    stream = client.chat.completions.create(model=MODEL, messages=user("Talk."), max_tokens=100000, stream=True)
    next(iter(stream))
    assert in_flight() == 1
    stream.close()
    done(client)
    wait_until_idle()


@check
def anthropic_messages():
    answer = CLAUDE.messages.create(model=MODEL, max_tokens=8, system="Be brief.", messages=user("Hello!"))
    assert answer.content[0].text and answer.usage.output_tokens == 8, answer
    assert answer.stop_reason == "max_tokens", answer


@check
def anthropic_stream():
    with CLAUDE.messages.stream(model=MODEL, max_tokens=12, messages=user("Count.")) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert text and final.usage.output_tokens == 12, final


@check
def anthropic_tools():
    tool = {"name": "get_weather", "input_schema": WEATHER}
    answer = CLAUDE.messages.create(
        model=MODEL, max_tokens=64, messages=user("Weather?"), tools=[tool], tool_choice={"type": "any"})
    use = answer.content[-1]
    assert use.type == "tool_use" and use.name == "get_weather" and "city" in use.input, answer


@check
def anthropic_count_tokens():
    assert CLAUDE.messages.count_tokens(model=MODEL, messages=user("Hello!")).input_tokens > 0


@check
def anthropic_models():
    assert [model.id for model in CLAUDE.models.list()] == [MODEL]
    model = CLAUDE.models.retrieve(MODEL)
    assert model.type == "model" and model.display_name == MODEL and model.created_at, model
    error = raises(anthropic.NotFoundError, lambda: CLAUDE.models.retrieve("nope"))
    assert error.body["error"]["type"] == "not_found_error", error.body


@check
def anthropic_unknown_model_is_not_found():
    error = raises(
        anthropic.NotFoundError, lambda: CLAUDE.messages.create(model="nope", max_tokens=4, messages=user("x")))
    assert error.body["error"]["type"] == "not_found_error", error.body
    assert MODEL in error.body["error"]["message"], error.body


@check
def anthropic_bad_request():
    error = raises(anthropic.BadRequestError, lambda: CLAUDE.messages.create(model=MODEL, max_tokens=4, messages=7))
    assert error.body["error"]["type"] == "invalid_request_error", error.body


@check
def anthropic_cancelled_stream_frees_the_endpoint():
    client = for_one_stream(CLAUDE, anthropic.DefaultHttpxClient)
    with client.messages.create(model=MODEL, max_tokens=100000, messages=user("Talk."), stream=True) as stream:
        next(iter(stream))
        assert in_flight() == 1
    done(client)
    wait_until_idle()


def main():
    failed = 0
    for function in CHECKS:
        try:
            function()
            wait_until_idle()
            print("ok", function.__name__, flush=True)
        except Exception as error:  # every check reports, whatever it ran into
            failed += 1
            where = traceback.extract_tb(error.__traceback__)[-1]
            reason = f"{type(error).__name__}: {error} (line {where.lineno})".replace("\n", " ")
            print(f"FAIL {function.__name__}: {reason}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
