"""The problems of HTTP itself: what arrived cannot be read, or may not be asked so."""

from engine.problems import Problem, Problems, one


def malformed_json(line: int, column: int) -> Problems:
    """The body is not JSON."""
    return one("web.malformed_json", line=line, column=column)


def too_deep() -> Problems:
    """The body nests deeper than any form does."""
    return one("web.too_deep")


def not_json(content_type: str) -> Problems:
    """The body says it is something else than JSON."""
    return one("web.not_json", content_type=content_type)


def not_an_object(place: str, expected: str) -> Problems:
    """A part of the body has the wrong shape."""
    return one("web.wrong_shape", place, expected=expected)


def unknown_member(place: str, name: str, ways: tuple[str, ...]) -> Problems:
    """The body has a member that means nothing here."""
    return Problems((Problem("web.unknown_member", place, {"name": name}, ways=ways),))


def body_too_large(most: int) -> Problems:
    """The body is over the limit."""
    return one("web.body_too_large", most=most)


def bad_parameter(name: str, expected: str) -> Problems:
    """A query parameter or path part cannot be read."""
    return one("web.bad_parameter", "/" + name, name=name, expected=expected)


def not_signed_in() -> Problems:
    """Nobody is signed in, or the session or token has ended."""
    return one("web.not_signed_in")


def csrf_token_wrong() -> Problems:
    """A change was asked with a cookie but without its CSRF token."""
    return one("web.csrf_token_wrong")


def no_such_page(path: str) -> Problems:
    """No address like this."""
    return one("web.no_such_page", path=path)


def method_not_allowed(method: str) -> Problems:
    """This address does not take this method."""
    return one("web.method_not_allowed", method=method)


def revision_missing() -> Problems:
    """A change must say which revision it was drawn from."""
    return one("web.revision_missing")


def internal(reference: str) -> Problems:
    """A defect of the engine; `reference` finds it in the log."""
    return one("web.internal", reference=reference)
