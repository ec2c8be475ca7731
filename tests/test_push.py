"""What automation pushes: what is read of it, who may say it, and what the world sees of it, over HTTP."""

from __future__ import annotations

import json
import re
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

import pytest

from stationfeed.errors import RejectedError
from stationfeed.model.on_air import AsRun, PlayingItem
from stationfeed.sources.filtering import is_news
from stationfeed.sources.pushed import Push, read_push
from tests.commands import run_command
from tests.serving import PATIENCE_SECONDS, Answer, Server, serving
from tests.stations import CONFIG, StationFolder, make_station

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    Body = bytes | Iterable[bytes] | Mapping[str, object] | Sequence[object]

AT = datetime(2026, 6, 1, 11, 0, tzinfo=UTC)
NO_JSON = "send a JSON object, or a list of objects of kind as_run"
ONLY_AIRED = 'only items of kind "as_run" come in a list'
NOTHING_READABLE = "0: title: holds nothing that can be read"
AIRED = {"kind": "as_run", "title": "Special", "starts_at": "2026-06-01T10:00:00Z", "duration_s": 300}
PLAIN = PlayingItem(title="Suite in G", source="push", starts_at=AT, as_of=AT)


# What is read


def read(value: object) -> Push:
    return read_push(json.dumps(value).encode(), AT)


def faults_of(data: bytes) -> tuple[str, ...]:
    with pytest.raises(RejectedError) as caught:
        read_push(data, AT)
    return caught.value.faults


def faults_in(**fields: object) -> tuple[str, ...]:
    return faults_of(json.dumps({"title": "Suite in G", **fields}).encode())


def far(instant: str) -> str:
    return (
        f"0: starts_at: {instant} is not near 2026-06-01T11:00:00+00:00, which is now; "
        "check the clock and its zone"
    )


def test_an_empty_object_says_that_nothing_is_playing() -> None:
    assert read({}) == Push()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, {}),
        ({"artist": "Ada", "category": "music"}, {"artist": "Ada", "category": "music"}),
        ({"artist": None, "starts_at": None, "duration_s": None}, {}),
        ({"artist": ""}, {}),
        ({"artist": " - "}, {}),
        ({"artist": "<b>Ada</b>\n"}, {"artist": "Ada"}),
        ({"story_guid": "g", "external_id": "4711"}, {"story_guid": "g", "external_id": "4711"}),
        ({"duration_s": 410}, {"ends_at": AT + timedelta(seconds=410)}),
        ({"duration_s": 0.5}, {"ends_at": AT + timedelta(seconds=0.5)}),
        ({"duration_s": 86_400}, {"ends_at": AT + timedelta(days=1)}),
        ({"kind": "now"}, {}),
        ({"starts_at": "2026-06-01T10:59Z"}, {"starts_at": AT - timedelta(minutes=1)}),
        ({"starts_at": "2026-06-01T05:58:30.5-05:00"}, {"starts_at": AT - timedelta(seconds=89.5)}),
        (
            {"starts_at": "2026-06-01T10:59:00Z", "duration_s": 90},
            {"starts_at": AT - timedelta(minutes=1), "ends_at": AT + timedelta(seconds=30)},
        ),
        ({"starts_at": "2026-05-31T11:00:00Z"}, {"starts_at": AT - timedelta(days=1)}),
        ({"starts_at": "2026-06-01T11:10:00Z"}, {"starts_at": AT + timedelta(minutes=10)}),
        ({"cart": {"number": [1, 2]}, "Title": 7}, {}),
    ],
    ids=range(17),
)
def test_an_item_is_what_it_says(fields: dict[str, object], expected: dict[str, Any]) -> None:
    assert read({"title": "Suite in G", **fields}) == Push(item=replace(PLAIN, **expected))


@pytest.mark.parametrize(
    ("sent", "title"),
    [
        ("x" * 500, "x" * 500),
        (" Suite \t in\r\n G\0", "Suite in G"),
        ("<b>Suite</b> in&nbsp;G &amp; A", "Suite in G & A"),
        ("\u202eSuite\u2069", "Suite"),
        ("<script>x</script>", "x"),
        ("\U0001f469\u200d\U0001f3a4 \u0645\u0631\u062d\u0628\u0627", "\U0001f469\u200d\U0001f3a4 \u0645\u0631\u062d\u0628\u0627"),
    ],
    ids=range(6),
)  # fmt: skip
def test_titles_are_made_plain_text(sent: str, title: str) -> None:
    assert read({"title": sent}) == Push(item=replace(PLAIN, title=title))
    assert read([{**AIRED, "title": sent}]).aired[0].title == title


def test_what_aired_is_told_in_a_list_or_alone() -> None:
    ten = datetime(2026, 6, 1, 10, tzinfo=UTC)
    special = AsRun(starts_at=ten, ends_at=ten + timedelta(minutes=5), title="Special")
    assert read(AIRED) == read([AIRED]) == Push(aired=(special,))
    assert read([AIRED] * 200) == Push(aired=(special,) * 200)
    a_month_ago = {**AIRED, "starts_at": "2026-05-01T11:00:00Z"}
    assert read([a_month_ago]).aired[0].starts_at == AT - timedelta(days=31)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"title": None}, "0.title: Input should be a valid string"),
        ({"title": 1999}, "0.title: Input should be a valid string"),
        ({"title": ["Suite"]}, "0.title: Input should be a valid string"),
        ({"title": ""}, "0.title: String should have at least 1 character"),
        ({"title": "x" * 501}, "0.title: String should have at most 500 characters"),
        ({"title": " - "}, NOTHING_READABLE),
        ({"title": "<b></b>&nbsp;<br>"}, NOTHING_READABLE),
        ({"title": "\0\r\n\u202e"}, NOTHING_READABLE),
        ({"artist": 7}, "0.artist: Input should be a valid string"),
        ({"artist": "x" * 501}, "0.artist: String should have at most 500 characters"),
        ({"category": "x" * 101}, "0.category: String should have at most 100 characters"),
        ({"story_guid": "x" * 256}, "0.story_guid: String should have at most 255 characters"),
        ({"external_id": "x" * 256}, "0.external_id: String should have at most 255 characters"),
        ({"external_id": 4711}, "0.external_id: Input should be a valid string"),
        ({"kind": "then"}, "0.kind: Input should be 'now' or 'as_run'"),
        ({"kind": None}, "0.kind: Input should be 'now' or 'as_run'"),
        ({"duration_s": 0}, "0.duration_s: Input should be greater than 0"),
        ({"duration_s": -1}, "0.duration_s: Input should be greater than 0"),
        ({"duration_s": 86_401}, "0.duration_s: Input should be less than or equal to 86400"),
        ({"duration_s": 1e300}, "0.duration_s: Input should be less than or equal to 86400"),
        ({"duration_s": "410"}, "0.duration_s: Input should be a valid number"),
        ({"duration_s": True}, "0.duration_s: Input should be a valid number"),
        ({"starts_at": 1780311600}, "0.starts_at: Input should be a valid datetime"),
        ({"starts_at": "2026-06-01T11:00:00"}, "0.starts_at: Input should have timezone info"),
        ({"starts_at": "1970-01-01T00:00:00Z"}, far("1970-01-01T00:00:00+00:00")),
        ({"starts_at": "2027-06-01T11:00:00Z"}, far("2027-06-01T11:00:00+00:00")),
        ({"starts_at": "0001-01-01T00:00:00+23:00"}, far("0001-01-01T00:00:00+23:00")),
        ({"starts_at": "9999-12-31T23:59:59-23:00"}, far("9999-12-31T23:59:59-23:00")),
        ({"starts_at": "2026-05-31T10:59:59Z"}, far("2026-05-31T10:59:59+00:00")),
        ({"starts_at": "2026-06-01T11:10:01Z"}, far("2026-06-01T11:10:01+00:00")),
        ({"kind": "as_run"}, "0: what aired needs starts_at and duration_s"),
        ({**AIRED, "duration_s": None}, "0: what aired needs starts_at and duration_s"),
        ({**AIRED, "starts_at": "2026-05-01T10:59:59Z"}, far("2026-05-01T10:59:59+00:00")),
    ],
    ids=range(33),
)
def test_what_cannot_be_used_is_told(fields: dict[str, object], fault: str) -> None:
    assert faults_in(**fields) == (fault,)


@pytest.mark.parametrize("starts_at", ["yesterday", "2026-06-01", "11:00", "2026-06-01T11:00:00+99:00", ""])
def test_a_time_that_is_none_is_told(starts_at: str) -> None:
    (fault,) = faults_in(starts_at=starts_at)
    assert fault.startswith("0.starts_at: Input should be a valid datetime")


def test_a_number_in_quotation_marks_is_no_time() -> None:
    """Seconds since 1970 are no ISO 8601."""
    (fault,) = faults_in(starts_at="1780311600")
    assert fault.startswith("0.starts_at: ")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400"])
def test_a_number_without_end_is_not_taken_for_none(number: str) -> None:
    assert faults_of(b'{"title": "Suite", "duration_s": %b}' % number.encode())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"7",
        b"NaN",
        b'"Suite"',
        b"[7]",
        b"[[]]",
        b"{",
        b'{"title": "Suite"} x',
        b"{'title': 'Suite'}",
        b"title=Suite+in+G",
        b'{"title": "caf\xe9"}',
        b"\xef\xbb\xbf{}",
        '{"title": "Suite"}'.encode("utf-16"),
        b'{"title": "a\nb"}',
        b'{"title": "\\ud800"}',
        b'{"title": "A", "artist": "\\udc00x"}',
        b"[" * 10_000,
        b"[" * 10_000 + b"]" * 10_000,
        b'{"title": ' * 6_000,
        b'{"title": "A", "n": ' + b"9" * 5_000 + b"}",
        b"\0" * 65_536,
    ],
    ids=range(22),
)
def test_what_is_no_json_is_told(data: bytes) -> None:
    assert faults_of(data) == (NO_JSON,)


def test_of_a_name_that_stands_there_twice_the_later_counts() -> None:
    assert read_push(b'{"title": 7, "title": "Suite in G"}', AT) == Push(item=PLAIN)


def test_members_that_are_not_looked_at_may_be_large_and_deep() -> None:
    deep = b'{"title": "Suite in G", "cart": ' + b"[" * 150 + b"]" * 150 + b"}"
    assert read_push(deep, AT) == Push(item=PLAIN)
    assert read({"title": "Suite in G", "notes": "x" * 65_000}) == Push(item=PLAIN)


@pytest.mark.parametrize(
    "value",
    [[], [{"title": "A"}], [{"title": "A", "kind": "now"}], [AIRED, {"title": "A"}], [{"title": "A"}, AIRED]],
    ids=range(5),
)
def test_a_list_is_only_of_what_aired(value: list[object]) -> None:
    assert faults_of(json.dumps(value).encode()) == (ONLY_AIRED,)


def test_a_list_that_is_too_long_is_told() -> None:
    said = "there are 201 items; at most 200 are taken at once"
    assert faults_of(json.dumps([AIRED] * 201).encode()) == (said,)
    assert faults_of(b"[" + b"{}," * 20_000 + b"{}]") == (
        "there are 20001 items; at most 200 are taken at once",
    )


def test_all_faults_are_told_together() -> None:
    assert set(faults_in(title="", artist=7, duration_s=-1, kind="then")) == {
        "0.title: String should have at least 1 character",
        "0.artist: Input should be a valid string",
        "0.duration_s: Input should be greater than 0",
        "0.kind: Input should be 'now' or 'as_run'",
    }
    assert faults_in(title=" - ", starts_at="1970-01-01T00:00:00Z") == (
        NOTHING_READABLE, far("1970-01-01T00:00:00+00:00"),
    )  # fmt: skip


def test_a_fault_names_the_place_of_its_item_in_the_list() -> None:
    old = {**AIRED, "starts_at": "1970-01-01T00:00:00Z"}
    faults = faults_of(json.dumps([AIRED, {**AIRED, "title": 7}, AIRED, old]).encode())
    assert [re.split(r"\D", fault)[0] for fault in faults] == ["1", "3"]


# Which is news


@pytest.mark.parametrize(
    "category", ["spot", "SPOT", " Promo ", "station_id", "Station-ID", "legal  id", "Voicetrack", "sweeper"]
)
def test_what_is_between_the_things_people_listen_to_is_no_news(category: str) -> None:
    assert not is_news("Suite in G", category, ())


@pytest.mark.parametrize("category", [None, "", " ", "music", "news", "spotlight", "promotion", "id 7", "\0"])
def test_everything_else_is_news(category: str | None) -> None:
    assert is_news("Suite in G", category, ())


@pytest.mark.parametrize(
    ("pattern", "news"),
    [("^KXMP", False), ("91[.]3", False), ("^91", True), ("kxmp", True), ("(?i)kxmp", False), ("^$", True)],
)
def test_titles_that_are_to_be_ignored_are_no_news(pattern: str, *, news: bool) -> None:
    assert is_news("KXMP 91.3 FM", "music", ["nothing", pattern]) is news


# Over HTTP

FM = "/api/v1/now/kxmp-fm"
CONFIG_PUSHED = CONFIG.replace(
    "shows:\n",
    "      kxmp-hd: {name: KXMP HD, kind: hd}\n"
    "      kxmp-am: {name: KXMP AM, kind: am, now_playing: {source: icecast, every_s: 3600,"
    " ignore: ['^KXMP '], url: 'http://127.0.0.1:9/status-json.xsl'}}\nshows:\n",
    1,
)
ALL_DAY = 'grid: [{show: newsroom, days: mon-sun, start: "00:00", end: "24:00"}]\n'
SERVICES = ("kxmp-fm", "kxmp-hd", "kxmp-am")


class Pushed:
    """A server, and the token of each of its services."""

    def __init__(self, folder: StationFolder, server: Server, tokens: Mapping[str, str]) -> None:
        self.folder, self.server, self.tokens = folder, server, tokens

    def post(
        self,
        body: Body,
        *,
        service: str = "kxmp-fm",
        authorization: str | None = "",
        path: str | None = None,
    ) -> Answer:
        """One POST with the service's own token, unless another Authorization or none is wanted."""
        data = json.dumps(body).encode() if isinstance(body, (dict, list)) else body
        given = f"Bearer {self.tokens[service]}" if authorization == "" else authorization
        headers = {"Authorization": given} if given else {}
        with closing(HTTPConnection("127.0.0.1", self.server.port, timeout=PATIENCE_SECONDS)) as connection:
            connection.request("POST", path or f"/api/v1/now/{service}", data, headers)  # type: ignore[arg-type]
            response = connection.getresponse()
            found = tuple((name.lower(), value) for name, value in response.getheaders())
            return Answer(response.status, found, response.read())

    def playing(self, service: str = "kxmp-fm") -> Any:
        return json.loads(self.server.text(f"/api/v1/now/{service}"))["now_playing"]

    def item(self, service: str = "kxmp-fm") -> Any:
        return self.playing(service)["item"]

    def etag(self, address: str = FM) -> str:
        return self.server.ask(address).said("etag")


def make_token(folder: StationFolder, service: str) -> str:
    return run_command("-C", folder.root, "staff", "token", "now", "--service", service).out.strip()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pushed]:
    folder = make_station(tmp_path_factory.mktemp("pushed") / "station", CONFIG_PUSHED)
    folder.episode("heard", guid="heard-guid")
    (folder.root / "schedules").mkdir()
    for service in SERVICES:
        (folder.root / "schedules" / f"{service}.yaml").write_text(ALL_DAY, encoding="utf-8")
    tokens = {service: make_token(folder, service) for service in SERVICES}
    with serving(folder.root) as server:
        yield Pushed(folder, server, tokens)
    assert not [one for one in tokens.values() if one in server.log], "a secret is in the log"


@pytest.fixture
def pushed(running: Pushed) -> Pushed:
    """Nothing is playing on any service."""
    for service in SERVICES:
        assert running.post({}, service=service).status == 204
    return running


def test_what_is_pushed_is_on_air_at_once(pushed: Pushed) -> None:
    before, everywhere = pushed.etag(), pushed.etag("/api/v1/now")
    answer = pushed.post({"title": "<i>Suite</i> in G", "artist": "Ada", "duration_s": 600})
    assert (answer.status, answer.body, answer["cache-control"]) == (204, b"", "no-store")
    found = pushed.item()
    assert (found["title"], found["artist"], found["source"]) == ("Suite in G", "Ada", "push")
    begins, ends = (datetime.fromisoformat(found[name]) for name in ("starts_at", "ends_at"))
    assert ends - begins == timedelta(minutes=10)
    assert pushed.etag() != before
    assert pushed.etag("/api/v1/now") != everywhere
    assert json.loads(pushed.server.text("/api/v1/now"))["services"][0]["now_playing"]["item"] == found
    assert pushed.item("kxmp-hd") is None


def test_an_empty_object_clears_and_the_answer_is_the_one_from_before(pushed: Pushed) -> None:
    before = pushed.playing()
    pushed.post({"title": "Suite in G"})
    assert pushed.playing() != before
    assert pushed.post({}).status == 204
    assert pushed.playing() == before


@pytest.mark.parametrize("category", ["spot", "Station_ID"])
def test_a_spot_takes_away_what_was_playing(pushed: Pushed, category: str) -> None:
    pushed.post({"title": "Suite in G"})
    assert pushed.post({"title": "Buy this", "category": category}).status == 204
    assert pushed.item() is None


def test_a_title_to_be_ignored_takes_away_what_was_playing(pushed: Pushed) -> None:
    pushed.post({"title": "Suite in G"}, service="kxmp-am")
    assert pushed.item("kxmp-am")["title"] == "Suite in G"
    assert pushed.post({"title": "KXMP signs on"}, service="kxmp-am").status == 204
    assert pushed.item("kxmp-am") is None
    pushed.post({"title": "KXMP signs on"})
    assert pushed.item()["title"] == "KXMP signs on", "another service has no such pattern"


def test_what_is_over_already_is_not_shown(pushed: Pushed) -> None:
    began = datetime.now(UTC) - timedelta(minutes=5)
    assert pushed.post({"title": "Old", "starts_at": began.isoformat(), "duration_s": 60}).status == 204
    assert pushed.item() is None


def test_a_story_that_is_heard_is_linked(pushed: Pushed) -> None:
    pushed.post({"title": "Suite in G", "story_guid": "heard-guid"})
    assert pushed.item()["story_url"] == "https://news.kxmp.example/stories/heard"


def test_what_really_aired_is_the_programme(pushed: Pushed) -> None:
    """On a service of its own: what aired cannot be taken back."""
    assert pushed.playing("kxmp-hd")["source"] == "schedule"
    hour_ago = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    fields: dict[str, object] = {"kind": "as_run", "title": "Special report", "starts_at": hour_ago}
    answer = pushed.post([{**fields, "duration_s": 60}, {**fields, "duration_s": 7200}], service="kxmp-hd")
    assert answer.status == 204
    found = pushed.playing("kxmp-hd")
    assert (found["title"], found["show"], found["source"]) == ("Special report", None, "as_run")
    assert pushed.playing()["source"] == "schedule", "another service is as it was"


@pytest.mark.parametrize(
    "authorization", [None, "Bearer", "Bearer ", "Bearer garbage", "Bearer sf_" + "A" * 43, "Basic c3RhZmY6", "x" * 9_000]
)  # fmt: skip
def test_without_a_token_that_we_made_nothing_is_heard(pushed: Pushed, authorization: str | None) -> None:
    before = pushed.etag()
    answer = pushed.post({"title": "Suite in G"}, authorization=authorization)
    assert (answer.status, answer["www-authenticate"]) == (401, "Bearer")
    assert json.loads(answer.body) == {
        "errors": ["a token is needed; `stationfeed staff token now` makes one"]
    }
    assert pushed.etag() == before


def test_the_word_bearer_is_written_in_any_case(pushed: Pushed) -> None:
    given = f"bEARER  {pushed.tokens['kxmp-fm']} "
    assert pushed.post({"title": "Suite in G"}, authorization=given).status == 204
    doubled = f"Basic {pushed.tokens['kxmp-fm']}"
    assert pushed.post({"title": "Suite in G"}, authorization=doubled).status == 401


def test_a_token_is_for_its_own_service(pushed: Pushed) -> None:
    before = pushed.etag()
    answer = pushed.post({"title": "Suite in G"}, authorization=f"Bearer {pushed.tokens['kxmp-hd']}")
    assert (answer.status, json.loads(answer.body)) == (403, {"errors": ["this token is for kxmp-hd"]})
    assert pushed.etag() == before


def test_a_token_that_is_taken_back_is_good_for_nothing_at_once(pushed: Pushed) -> None:
    token = make_token(pushed.folder, "kxmp-fm")
    assert pushed.post({"title": "Suite in G"}, authorization=f"Bearer {token}").status == 204
    listed = run_command("-C", pushed.folder.root, "staff", "token", "list").out
    number = listed.splitlines()[-1].split()[0]
    assert run_command("-C", pushed.folder.root, "staff", "token", "revoke", number).code == 0
    assert pushed.post({}, authorization=f"Bearer {token}").status == 401
    assert pushed.item()["title"] == "Suite in G"


@pytest.mark.parametrize("service", ["nobody", "kxmp", "%F0%9F%93%BB", "%ff%00", "kxmp-fm%2Fx", "KXMP-FM"])
def test_a_service_that_is_not_there_is_not_found(pushed: Pushed, service: str) -> None:
    assert pushed.post({"title": "Suite in G"}, path=f"/api/v1/now/{service}").status == 404


def test_every_fault_is_told_and_never_the_token(pushed: Pushed) -> None:
    before = pushed.etag()
    token = pushed.tokens["kxmp-fm"]
    answer = pushed.post({"title": "", "artist": 7, "category": token, "starts_at": token})
    assert answer.status == 422
    assert [fault.partition(":")[0] for fault in json.loads(answer.body)["errors"]] == [
        "0.title", "0.artist", "0.starts_at",
    ]  # fmt: skip
    assert token not in repr(answer)
    assert answer["cache-control"] == "no-store"
    assert pushed.etag() == before


@pytest.mark.parametrize(
    "body", [b"", b"not json", b"[", b"[" * 10_000, b'{"title": "\\ud800"}', b'{"title": " "}', b"\xff" * 65_536],
    ids=range(7),
)  # fmt: skip
def test_nothing_of_a_push_that_fails_is_seen(pushed: Pushed, body: bytes) -> None:
    pushed.post({"title": "Suite in G", "duration_s": 600})
    before = pushed.etag()
    assert pushed.post(body).status == 422
    assert pushed.etag() == before


def test_a_list_with_one_fault_is_not_heard_at_all(pushed: Pushed) -> None:
    before = pushed.etag("/api/v1/now")
    now = datetime.now(UTC).isoformat()
    good: dict[str, object] = {"kind": "as_run", "title": "Special", "starts_at": now, "duration_s": 600}
    assert pushed.post([good, {**good, "title": ""}]).status == 422
    assert pushed.etag("/api/v1/now") == before


def test_a_title_of_a_megabyte_is_refused_and_the_connection_goes_on(pushed: Pushed) -> None:
    before = pushed.etag()
    body = json.dumps({"title": "x" * 1_000_000}).encode()
    headers = {"Authorization": f"Bearer {pushed.tokens['kxmp-fm']}"}
    with closing(HTTPConnection("127.0.0.1", pushed.server.port, timeout=PATIENCE_SECONDS)) as connection:
        for sent in (body, iter([body[:100_000], body[100_000:]])):  # the second without a length
            connection.request("POST", FM, sent, headers, encode_chunked=True)
            response = connection.getresponse()
            assert response.status == 413
            (said,) = json.loads(response.read())["errors"]
            assert re.fullmatch(r"the request: has \d+ bytes, more than the 65536 allowed", said)
        connection.request("GET", FM)
        assert connection.getresponse().status == 200
    assert pushed.etag() == before


def test_who_has_no_token_cannot_make_the_server_read_a_megabyte(pushed: Pushed) -> None:
    assert pushed.post(b"x" * 1_000_000, authorization=None).status in (401, 413)


def test_64_kilobytes_are_heard_and_one_byte_more_is_not(pushed: Pushed) -> None:
    body = b'{"title": "Suite in G"}'
    assert pushed.post(body + b" " * (65_536 - len(body))).status == 204
    assert pushed.item()["title"] == "Suite in G"
    assert pushed.post(body + b" " * (65_537 - len(body))).status == 413


def test_a_sender_that_leaves_in_the_middle_is_not_heard(pushed: Pushed) -> None:
    before = pushed.etag()
    head = f"POST {FM} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {pushed.tokens['kxmp-fm']}\r\n"
    with closing(HTTPConnection("127.0.0.1", pushed.server.port, timeout=PATIENCE_SECONDS)) as connection:
        connection.connect()
        connection.send(f'{head}Content-Length: 99\r\n\r\n{{"title": "Suite in G"}}'.encode())
    assert pushed.etag() == before


def test_reading_goes_on_at_the_address_that_is_pushed_to(pushed: Pushed) -> None:
    answer = pushed.server.ask(FM)
    assert (answer.status, answer["content-type"]) == (200, "application/json")
    assert answer["access-control-allow-origin"] == "*"
    head = pushed.server.ask(FM, method="HEAD")
    assert (head.status, head.body, head["etag"]) == (200, b"", answer["etag"])
    again = pushed.server.ask(FM, {"If-None-Match": answer.said("etag")})
    assert (again.status, again.body, again["etag"]) == (304, b"", answer["etag"])
    pushed.post({"title": "Suite in G"})
    assert pushed.server.ask(FM, {"If-None-Match": answer.said("etag")}).status == 200


@pytest.mark.parametrize("address", [FM, "/api/v1/now", "/api/v1/schedule/kxmp-fm"])
def test_a_browser_may_ask_beforehand(pushed: Pushed, address: str) -> None:
    answer = pushed.server.ask(address, method="OPTIONS")
    assert (answer.status, answer["access-control-allow-origin"]) == (204, "*")


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/v1/now", 405),
        ("/api/v1/now/", 404),
        (f"{FM}/", 404),
        ("/api/v1/schedule/kxmp-fm", 405),
        ("/api/v1/events", 405),
        ("/healthz", 405),
        ("/api/v1/health", 404),
        ("/schedule/kxmp-fm.ics", 405),
        ("/live/kxmp-fm.m3u", 405),
        ("/live/kxmp-fm", 405),
    ],
)
def test_nothing_can_be_pushed_elsewhere(pushed: Pushed, address: str, status: int) -> None:
    assert pushed.post({"title": "Suite in G"}, path=address).status == status


def test_a_method_that_is_not_allowed_is_told_which_are(pushed: Pushed) -> None:
    answer = pushed.server.ask(FM, method="PUT")
    assert answer.status == 405
    assert {"GET", "HEAD", "POST"} <= set(answer.said("allow").split(", "))


# What is planned


def slots(pushed: Pushed, query: str) -> Any:
    return json.loads(pushed.server.text(f"/api/v1/schedule/kxmp-fm{query}"))


def test_the_slots_of_a_week_from_last_midnight_on(pushed: Pushed) -> None:
    found = slots(pushed, "")
    begins, ends = (datetime.fromisoformat(found[name]) for name in ("from", "to"))
    assert begins <= datetime.now(UTC) < begins + timedelta(hours=26)
    assert timedelta(days=6) < ends - begins < timedelta(days=8)
    assert len(found["slots"]) == 7
    answer = pushed.server.ask("/api/v1/schedule/kxmp-fm", method="HEAD")
    assert (answer.status, answer.body, answer["access-control-allow-origin"]) == (200, b"", "*")


def test_slots_are_asked_for_in_the_stations_own_time(pushed: Pushed) -> None:
    """The night of 14 March 2027 has an hour less in Chicago."""
    found = slots(pushed, "?from=2027-03-13T00:00&to=2027-03-16T00:00")
    assert (found["from"], found["to"]) == ("2027-03-13T06:00:00Z", "2027-03-16T05:00:00Z")
    assert [(one["starts_at"], one["ends_at"]) for one in found["slots"]] == [
        ("2027-03-13T06:00:00Z", "2027-03-14T06:00:00Z"),
        ("2027-03-14T06:00:00Z", "2027-03-15T05:00:00Z"),
        ("2027-03-15T05:00:00Z", "2027-03-16T05:00:00Z"),
    ]
    assert found == slots(pushed, "?from=2027-03-13T06:00Z&to=2027-03-15T23:00-06:00")


def test_one_end_is_enough_and_62_days_are_the_most(pushed: Pushed) -> None:
    found = slots(pushed, "?from=2027-06-01T00:00Z")
    assert (found["from"], found["to"][:10]) == ("2027-06-01T00:00:00Z", "2027-06-08")
    assert len(slots(pushed, "?from=2027-06-01T00:00&to=2027-08-02T00:00")["slots"]) == 62


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("from=x", 'from: "x" is not a date and time. Write it like 2026-04-22T17:05.'),
        ("from=2027-06-01", 'from: "2027-06-01" is not a date and time. Write it like 2026-04-22T17:05.'),
        ("from=1800-06-01T00:00", "from: the year 1800 is out of range. Years go from 1900 to 2299."),
        (
            "to=2027-02-30T00:00",
            (
                'to: "2027-02-30T00:00" is not on the calendar (day is out of range for month). '
                "Check the day and the hour."
            ),
        ),
        (
            "from=2026-11-01T01:30",
            (
                "from: 2026-11-01T01:30:00 comes twice in America/Chicago, where the clocks change then. "
                "Write 2026-11-01T01:30:00-05:00 or 2026-11-01T01:30:00-06:00."
            ),
        ),
        (
            "to=2027-03-14T02:30",
            (
                "to: 2027-03-14T02:30:00 does not exist in America/Chicago, where the clocks change then. "
                "Write 2027-03-14T01:30:00-06:00 or 2027-03-14T03:30:00-05:00."
            ),
        ),
        ("from=2027-06-02T00:00&to=2027-06-01T00:00", "to: has to be after from, and at most 62 days"),
        ("from=2027-06-01T00:00&to=2027-06-01T00:00", "to: has to be after from, and at most 62 days"),
        ("from=2027-06-01T00:00&to=2027-08-03T00:00", "to: has to be after from, and at most 62 days"),
        ("from=1900-01-01T00:00&to=2299-01-01T00:00", "to: has to be after from, and at most 62 days"),
    ],
)
def test_times_that_cannot_be_asked_for_are_told(pushed: Pushed, query: str, fault: str) -> None:
    answer = pushed.server.ask(f"/api/v1/schedule/kxmp-fm?{query}")
    assert (answer.status, json.loads(answer.body)) == (422, {"errors": [fault]})


def test_a_service_that_is_not_there_has_no_schedule(pushed: Pushed) -> None:
    assert pushed.server.ask("/api/v1/schedule/nobody").status == 404
    assert pushed.server.ask("/api/v1/schedule/nobody?from=x").status == 404


@pytest.mark.parametrize(
    ("address", "media_type", "start"),
    [
        ("/live/kxmp-fm.m3u", "audio/x-mpegurl", b"#EXTM3U\n"),
        ("/live/kxmp-fm.pls", "audio/x-scpls", b"[playlist]\n"),
        ("/live/kxmp-fm.xspf", "application/xspf+xml", b"<?xml "),
        ("/schedule/kxmp-fm.ics", "text/calendar; charset=utf-8", b"BEGIN:VCALENDAR\r\n"),
    ],
)
def test_stream_links_and_calendars_come_as_what_they_are(
    pushed: Pushed, address: str, media_type: str, start: bytes
) -> None:
    answer = pushed.server.ask(address)
    assert (answer.status, answer["content-type"]) == (200, media_type)
    assert answer.body.startswith(start)
    assert answer["access-control-allow-origin"] == "*"
    assert pushed.server.ask(address, {"If-None-Match": answer.said("etag")}).status == 304
    assert pushed.server.ask(address, method="OPTIONS").status == 204
    assert pushed.server.ask(address.replace("kxmp-fm", "nobody")).status == 404


def test_a_service_without_streams_has_no_stream_link(pushed: Pushed) -> None:
    assert pushed.server.ask("/live/kxmp-hd.m3u").status == 404
    assert pushed.server.ask("/schedule/kxmp-hd.ics").status == 200


# The description


def test_every_address_is_described(pushed: Pushed) -> None:
    paths = json.loads(pushed.server.text("/api/openapi.json"))["paths"]
    methods = {path: set(found) for path, found in paths.items() if path.startswith("/api/")}
    assert methods == {
        "/api/v1/now/{service}": {"get", "post"},
        "/api/v1/now": {"get"},
        "/api/v1/schedule/{service}": {"get"},
        "/api/v1/events": {"get"},
    }
    body = paths["/api/v1/now/{service}"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    item, aired, nothing = body["oneOf"]
    assert (item["required"], nothing["maxProperties"], aired["items"]) == (["title"], 0, item)
    asked = {one["name"] for one in paths["/api/v1/schedule/{service}"]["get"]["parameters"]}
    assert asked == {"service", "from", "to"}


def test_every_answer_to_a_push_is_described_as_it_is(pushed: Pushed) -> None:
    found = json.loads(pushed.server.text("/api/openapi.json"))
    answers = found["paths"]["/api/v1/now/{service}"]["post"]["responses"]
    assert {"204", "401", "403", "404", "413", "422"} <= set(answers)
    assert "HTTPValidationError" not in json.dumps(answers), "ours have `errors`, a list of texts"


def test_the_description_is_made_without_a_warning(pushed: Pushed) -> None:
    assert pushed.server.ask("/api/openapi.json").status == 200
    assert "Warning" not in pushed.server.log
