"""A link opens the pages once, a session for a while."""

import pytest

from libs.chassis.links import LINK_SECONDS, MOST, SESSION_SECONDS, Links, LinkUsed, NotSignedIn


class Hands:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_a_link_works_once_and_opens_the_region() -> None:
    links = Links(("0505", "0642"))
    code = links.new()
    caller = links.caller(links.redeem(code))
    assert caller.gemeenten == ("0505", "0642", "regio")
    assert caller.may("monitoring:regio")
    with pytest.raises(LinkUsed):
        links.redeem(code)


def test_a_link_and_a_session_end() -> None:
    clock = Hands()
    links = Links(("0505",), clock)
    late, code = links.new(), links.new()
    session = links.redeem(code)
    clock.at = LINK_SECONDS
    with pytest.raises(LinkUsed):
        links.redeem(late)
    links.caller(session)
    clock.at = SESSION_SECONDS
    with pytest.raises(NotSignedIn):
        links.caller(session)


@pytest.mark.parametrize("session", [None, "", "onbekend"])
def test_nobody_is_signed_in_by_guessing(session: str | None) -> None:
    with pytest.raises(NotSignedIn):
        Links(("0505",)).caller(session)


def test_there_are_never_more_than_so_many() -> None:
    links = Links(("0505",))
    first = links.new()
    for _ in range(MOST):
        last = links.new()
    with pytest.raises(LinkUsed):
        links.redeem(first)
    links.redeem(last)
