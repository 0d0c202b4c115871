"""The handset as other processes meet it: over HTTP and SMTP, on free ports."""

import hashlib
import hmac
import json
import os
import smtplib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local.ports import free_port

ROOT = Path(__file__).parents[2]
SECRET = "receipts are signed with this"
NUMBER = "+994501234567"


class Handset:
    """A running handset: its HTTP client and its SMTP port."""

    def __init__(self, http: httpx.Client, smtp_port: int) -> None:
        self.http = http
        self.smtp_port = smtp_port

    def post(self, id: str, to: str = NUMBER, text: str = "Salam", **more: Any) -> httpx.Response:
        body = {"id": id, "to": to, "from": "QAYIDIS", "text": text}
        return self.http.post("/messages", json=body, **more)

    def behave(self, address: str, mode: str, seconds: float | None = None) -> None:
        body = {"mode": mode, "seconds": seconds}
        self.http.put(f"/behaviours/{address}", json=body).raise_for_status()

    def texts(self, address: str = NUMBER) -> list[dict[str, Any]]:
        answer = self.http.get(f"/inbox/{address}").raise_for_status()
        texts: list[dict[str, Any]] = answer.json()["texts"]
        return texts

    def mail(self, message: EmailMessage | bytes, *to: str) -> None:
        content = message if isinstance(message, bytes) else message.as_bytes()
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=10) as server:
            server.sendmail("bildiris@qayidis.example", to, content)


class Receiver:
    """Stands in for notifications: keeps every receipt, and answers as it is told."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/v1/receipts/handset"
        self.status = 200
        self.received: list[tuple[bytes, str]] = []

    @contextmanager
    def listening(self) -> Iterator[None]:
        server = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler())
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body, _ in self.received]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.received.append((body, self.headers["X-Signature"]))
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing: pytest's output is for failures."""

        return Handler


@pytest.fixture(scope="module")
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture(scope="module")
def running(receiver: Receiver) -> Iterator[Handset]:
    settings = {
        "HANDSET_RECEIPTS_URL": receiver.url,
        "HANDSET_RECEIPT_SECRET": SECRET,
        "HANDSET_RECEIPT_DELAY_SECONDS": "0.05",
        "HANDSET_RECEIPT_BACKOFF_SECONDS": "0.05",
        "HANDSET_RECEIPT_TRIES": "6",
    }
    with started(settings) as handset:
        yield handset


@pytest.fixture
def handset(running: Handset, receiver: Receiver) -> Handset:
    running.http.post("/reset").raise_for_status()
    receiver.received.clear()
    receiver.status = 200
    return running


@contextmanager
def started(settings: dict[str, str]) -> Iterator[Handset]:
    port = free_port()
    smtp_port = free_port(frozenset({port}))
    process = launch({"HANDSET_PORT": str(port), "HANDSET_SMTP_PORT": str(smtp_port), **settings})
    with ExitStack() as stack:
        stack.callback(stop, process)
        http = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10))
        until(lambda: is_ready(http))
        yield Handset(http, smtp_port)


def launch(settings: dict[str, str]) -> subprocess.Popen[str]:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("HANDSET_")}
    return subprocess.Popen(
        [sys.executable, "-m", "deploy.local.handset"],
        cwd=ROOT,
        env={**inherited, **settings},
        stderr=subprocess.PIPE,
        text=True,
    )


def stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.communicate(timeout=10)


def is_ready(http: httpx.Client) -> bool:
    try:
        return http.get("/health/ready").status_code == 200
    except httpx.TransportError:
        return False


def until(true: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def receipt_of(handset: Handset, state: str) -> Callable[[], bool]:
    return lambda: handset.texts()[0]["receipt"] == state


# -- the SMS provider ---------------------------------------------------------------------------


def test_a_text_is_in_its_phone_as_it_was_posted(handset: Handset) -> None:
    answer = handset.post("a", text="Yeriniz təsdiqləndi, Əli! Иди сюда 🙂")

    assert answer.status_code == 202
    [text] = handset.texts()
    assert text["id"] == "a"
    assert text["text"] == "Yeriniz təsdiqləndi, Əli! Иди сюда 🙂"
    assert text["reference"] == answer.json()["reference"]
    assert text["times_posted"] == 1


def test_a_repeated_id_gives_the_same_reference_and_no_second_text(handset: Handset) -> None:
    first, again = handset.post("a"), handset.post("a")

    assert again.json() == first.json()
    [text] = handset.texts()
    assert text["times_posted"] == 2


def test_texts_of_a_phone_are_in_order_and_apart_from_others(handset: Handset) -> None:
    for id in ("a", "b", "c"):
        handset.post(id)
    handset.post("d", to="+994702223344")

    assert [text["id"] for text in handset.texts()] == ["a", "b", "c"]
    items = handset.http.get("/inbox").json()["items"]
    assert [(item["address"], len(item["texts"])) for item in items] == [
        ("+994702223344", 1),
        (NUMBER, 3),
    ]


def test_a_new_text_brings_its_phone_to_the_front(handset: Handset) -> None:
    handset.post("a")
    handset.post("b", to="+994702223344")
    handset.post("c")

    items = handset.http.get("/inbox").json()["items"]
    assert [item["address"] for item in items] == [NUMBER, "+994702223344"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"id": "a", "to": "0501234567", "from": "Q", "text": "x"}, "to"),
        ({"id": "", "to": NUMBER, "from": "Q", "text": "x"}, "id"),
        ({"id": "a", "to": NUMBER, "text": "x"}, "from"),
        ({"id": "a", "to": NUMBER, "from": "Q", "text": ""}, "text"),
        ({"id": 7, "to": NUMBER, "from": "Q", "text": "x"}, "id"),
    ],
)
def test_a_malformed_post_names_the_field(
    handset: Handset, body: dict[str, Any], field: str
) -> None:
    answer = handset.http.post("/messages", json=body)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert handset.http.get("/inbox").json() == {"items": []}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'"x"', b'{"id": "\\ud800"}'])
def test_what_is_not_a_json_object_is_refused(handset: Handset, body: bytes) -> None:
    answer = handset.http.post("/messages", content=body)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_that_is_too_large_is_refused(handset: Handset) -> None:
    assert handset.post("a", text="x" * 70_000).status_code == 413


# -- the switch ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("mode", "status"), [("fail", 400), ("429", 429), ("500", 500)])
def test_a_refused_text_is_counted_and_never_received(
    handset: Handset, mode: str, status: int
) -> None:
    handset.behave(NUMBER, mode)
    answers = [handset.post("a"), handset.post("a")]

    assert [answer.status_code for answer in answers] == [status, status]
    assert answers[0].headers["content-type"] == "application/problem+json"
    assert handset.texts() == []
    assert handset.http.get("/messages/a").json()["answers"] == [status, status]


def test_a_text_refused_at_first_arrives_once_the_switch_is_back(handset: Handset) -> None:
    handset.behave(NUMBER, "429", 3)
    refused = handset.post("a")
    handset.behave(NUMBER, "deliver")
    handset.post("a")

    assert refused.headers["retry-after"] == "3"
    [text] = handset.texts()
    assert text["times_posted"] == 2
    assert handset.http.get("/behaviours").json() == {}


def test_a_slow_number_answers_after_its_seconds(handset: Handset) -> None:
    handset.behave(NUMBER, "slow", 0.4)
    began = time.monotonic()

    assert handset.post("a").status_code == 202
    assert time.monotonic() - began >= 0.4
    assert handset.post("b", to="+994702223344").elapsed.total_seconds() < 0.4


def test_a_number_that_times_out_has_accepted_the_text(handset: Handset) -> None:
    handset.behave(NUMBER, "time_out")

    with pytest.raises(httpx.ReadTimeout):
        handset.post("a", timeout=0.3)
    assert [text["id"] for text in handset.texts()] == ["a"]


@pytest.mark.parametrize(
    ("address", "body", "field"),
    [
        ("12", {"mode": "fail"}, "address"),
        (NUMBER, {"mode": "explode"}, "mode"),
        (NUMBER, {"mode": "slow", "seconds": -1}, "seconds"),
        ("a@example.az", {"mode": "fail_on_delivery"}, "mode"),
    ],
)
def test_a_wrong_behaviour_names_the_field(
    handset: Handset, address: str, body: dict[str, Any], field: str
) -> None:
    answer = handset.http.put(f"/behaviours/{address}", json=body)

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


# -- receipts -----------------------------------------------------------------------------------


def test_a_receipt_is_signed_and_says_delivered(handset: Handset, receiver: Receiver) -> None:
    with receiver.listening():
        reference = handset.post("a").json()["reference"]
        until(receipt_of(handset, "acknowledged"))

    [(body, signature)] = receiver.received
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert signature == f"sha256={digest}"
    receipt = json.loads(body)
    assert receipt.pop("at").endswith("Z")
    assert receipt == {"id": "a", "reference": reference, "status": "delivered"}


def test_a_failure_on_delivery_is_told_by_the_receipt(handset: Handset, receiver: Receiver) -> None:
    handset.behave(NUMBER, "fail_on_delivery")
    with receiver.listening():
        assert handset.post("a").status_code == 202
        until(receipt_of(handset, "acknowledged"))

    [receipt] = receiver.bodies()
    assert receipt["status"] == "failed"
    assert receipt["reason"]
    assert handset.texts()[0]["outcome"] == "failed"


def test_a_receipt_is_sent_again_while_notifications_is_down(
    handset: Handset, receiver: Receiver
) -> None:
    handset.post("a")
    time.sleep(0.3)
    receiver.status = 503
    with receiver.listening():
        until(lambda: len(receiver.received) >= 1)
        receiver.status = 200
        until(receipt_of(handset, "acknowledged"))

    assert len({body for body, _ in receiver.received}) == 1


def test_a_receipt_is_given_up_after_its_tries(handset: Handset, receiver: Receiver) -> None:
    receiver.status = 500
    with receiver.listening():
        handset.post("a")
        until(receipt_of(handset, "given_up"))

    assert len(receiver.received) == 6


def test_a_refused_receipt_is_not_sent_again(handset: Handset, receiver: Receiver) -> None:
    receiver.status = 401
    with receiver.listening():
        handset.post("a")
        until(receipt_of(handset, "refused"))
        time.sleep(0.3)

    assert len(receiver.received) == 1


def test_a_repeated_id_gets_one_receipt(handset: Handset, receiver: Receiver) -> None:
    with receiver.listening():
        handset.post("a")
        handset.post("a")
        until(receipt_of(handset, "acknowledged"))
        time.sleep(0.2)

    assert len(receiver.received) == 1


def test_a_reset_forgets_texts_switches_and_receipts(handset: Handset, receiver: Receiver) -> None:
    handset.behave(NUMBER, "slow", 1)
    handset.post("a", to="+994702223344")
    handset.http.post("/reset").raise_for_status()
    with receiver.listening():
        time.sleep(0.5)

    assert receiver.received == []
    assert handset.http.get("/inbox").json() == {"items": []}
    assert handset.http.get("/behaviours").json() == {}
    assert handset.http.get("/messages/a").status_code == 404


# -- mailboxes ----------------------------------------------------------------------------------


def letter(text: str, charset: str = "utf-8") -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = "Dəvət: Qayıdış seminarı"
    message["Message-ID"] = "<0193-abc@qayidis>"
    message.set_content(text, charset=charset)
    return message


def test_an_email_is_decoded_into_its_mailbox(handset: Handset) -> None:
    handset.mail(letter("Hörmətli Gülnar,\nsizi gözləyirik."), "Gulnar@Example.az")

    [mail] = handset.texts("gulnar@example.az")
    assert mail["subject"] == "Dəvət: Qayıdış seminarı"
    assert mail["text"] == "Hörmətli Gülnar,\nsizi gözləyirik."
    assert mail["id"] == "0193-abc@qayidis"


@pytest.mark.parametrize("charset", ["koi8-r", "windows-1251", "cp866", "iso-8859-5"])
def test_any_charset_is_decoded(handset: Handset, charset: str) -> None:
    handset.mail(letter("Уважаемый Рашид, ждём вас.", charset), "r@example.az")

    assert handset.texts("r@example.az")[0]["text"] == "Уважаемый Рашид, ждём вас."


def test_html_alone_is_shown_as_its_text(handset: Handset) -> None:
    message = EmailMessage()
    message.set_content("<style>p{}</style><p>Salam,</p><p>Əli &amp; Leyla</p>", subtype="html")
    handset.mail(message, "h@example.az")

    assert handset.texts("h@example.az")[0]["text"] == "Salam,\nƏli & Leyla"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no headers at all",
        b"Subject: =?x-none?Q?a?=\r\nContent-Type: text/plain; charset=x-none\r\n\r\n\xff\xfe",
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n",
        b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!",
    ],
)
def test_a_broken_email_is_received_all_the_same(handset: Handset, content: bytes) -> None:
    handset.mail(content, "b@example.az")

    assert len(handset.texts("b@example.az")) == 1


def test_each_recipient_gets_the_email_and_twice_sent_is_twice_there(handset: Handset) -> None:
    for _ in range(2):
        handset.mail(letter("Salam"), "a@example.az", "b@example.az")

    assert len(handset.texts("a@example.az")) == 2
    assert len(handset.texts("b@example.az")) == 2


@pytest.mark.parametrize(("mode", "code"), [("fail", 550), ("429", 450), ("500", 451)])
def test_a_mailbox_can_refuse(handset: Handset, mode: str, code: int) -> None:
    handset.behave("a@example.az", mode)

    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        handset.mail(letter("Salam"), "a@example.az")
    assert refused.value.recipients["a@example.az"][0] == code
    assert handset.texts("a@example.az") == []


# -- the page -----------------------------------------------------------------------------------


def test_the_page_is_whole_without_scripts_and_escapes_what_it_shows(handset: Handset) -> None:
    handset.post("a", text="<script>alert(1)</script> Salam")
    page = handset.http.get("/")

    assert "+994 50 123 45 67" in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; Salam" in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for asset in ("handset.css", "handset.js", "icon.svg"):
        assert handset.http.get(f"/{asset}").status_code == 200


def test_the_page_shows_the_newest_activity_and_search_finds_the_rest(handset: Handset) -> None:
    for n in range(60):
        handset.post(f"id-{n}", to=f"+9945055500{n:02}", text=f"İclas nömrə {n}")

    page = handset.http.get("/").text
    assert "+994 50 555 00 59" in page
    assert "+994 50 555 00 00" not in page
    assert "+994 50 555 00 00" in handset.http.get("/", params={"q": "555 00 00"}).text
    assert "+994 50 555 00 07" in handset.http.get("/", params={"q": "iclas nömrə 7"}).text
    assert "+994 70 999 88 77" in handset.http.get("/", params={"q": "+994709998877"}).text


def test_the_form_turns_the_switch_from_our_own_page_alone(handset: Handset) -> None:
    form = {"address": NUMBER, "mode": "slow", "seconds": "2", "q": ""}
    foreign = handset.http.post("/switch", data=form, headers={"Origin": "http://elsewhere.az"})
    assert foreign.status_code == 403
    assert handset.http.get("/behaviours").json() == {}

    assert handset.http.post("/switch", data=form).status_code == 303
    assert handset.http.get("/behaviours").json() == {NUMBER: {"mode": "slow", "seconds": 2.0}}
    assert handset.http.post("/switch", data={**form, "seconds": "soon"}).status_code == 422


def test_an_open_page_hears_of_each_change(handset: Handset) -> None:
    with handset.http.stream("GET", "/live") as live:
        versions = (line for line in live.iter_lines() if line.startswith("data: "))
        before = next(versions)
        handset.post("a")
        assert next(versions) != before


# -- starting and stopping ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"HANDSET_PORT": "eighty"}, "HANDSET_PORT: "),
        ({"HANDSET_SMTP_PORT": "70000"}, "HANDSET_SMTP_PORT: "),
        ({"HANDSET_RECEIPTS_URL": "notifications:8003"}, "HANDSET_RECEIPTS_URL: "),
        ({"HANDSET_RECEIPTS_URL": "http://n/"}, "HANDSET_RECEIPT_SECRET: "),
        ({"HANDSET_HOST": "nowhere.invalid"}, "HANDSET_PORT: cannot listen"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_line(
    settings: dict[str, str], named: str
) -> None:
    process = launch({"HANDSET_PORT": str(free_port()), **settings})
    _, said = process.communicate(timeout=20)

    assert process.returncode == 2
    [line] = said.splitlines()
    assert line.startswith(named)


def test_an_occupied_port_stops_the_start_with_one_line(handset: Handset) -> None:
    process = launch({"HANDSET_PORT": str(handset.http.base_url.port)})
    _, said = process.communicate(timeout=20)

    assert process.returncode == 2
    [line] = said.splitlines()
    assert line.startswith("HANDSET_PORT: cannot listen on 127.0.0.1:")


def test_an_open_page_does_not_hold_up_the_stop() -> None:
    with _stoppable() as (handset, process), handset.http.stream("GET", "/live") as live:
        # Kept, because httpx closes the stream as soon as nobody holds its lines.
        lines = live.iter_lines()
        next(lines)
        assert _seconds_to_stop(process) < 1.5


def test_a_withheld_answer_holds_up_the_stop_for_seconds_only() -> None:
    with _stoppable() as (handset, process):
        handset.behave(NUMBER, "time_out")
        waiting = threading.Thread(target=_post_in_vain, args=(handset,))
        waiting.start()
        until(lambda: len(handset.texts()) == 1)
        assert _seconds_to_stop(process) < 5
        waiting.join()


@contextmanager
def _stoppable() -> Iterator[tuple[Handset, subprocess.Popen[str]]]:
    ports = {"HANDSET_PORT": str(free_port()), "HANDSET_SMTP_PORT": str(free_port())}
    process = launch(ports)
    with httpx.Client(base_url=f"http://127.0.0.1:{ports['HANDSET_PORT']}", timeout=10) as http:
        until(lambda: is_ready(http))
        yield Handset(http, int(ports["HANDSET_SMTP_PORT"])), process
    assert process.poll() in (0, -15)


def _seconds_to_stop(process: subprocess.Popen[str]) -> float:
    began = time.monotonic()
    stop(process)
    return time.monotonic() - began


def _post_in_vain(handset: Handset) -> None:
    with pytest.raises(httpx.HTTPError):
        handset.post("a").raise_for_status()
