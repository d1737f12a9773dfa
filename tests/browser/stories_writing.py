"""The states of messages and of the field they are written in, told for pictures and for axe."""

from tests.browser.house import Person, Server, fill
from tests.browser.shooting import Shoot, Story, to_rooms

PLANS = """**Release 0.1** is *nearly* there, see [the notes](https://docs.example/notes):

1. ~~name it~~ done
2. write `docs/writing.md`

> Better an explicit reset
> than a history with a hole in it.

| room | seats |
|:--|--:|
| ledger | 12 |
| plans | 3 |"""
CODE = """```python
@on(Roll, needs=Access.ROOM)
async def roll(self, connection: Connection, roll: Roll) -> dict[str, int]:
    if roll.sides < 2:
        raise Reject("bad_request", "A die has at least two sides")
    return {"result": 1 + randbelow(roll.sides)}  # never 0
```"""
LONG = "\n".join(f"{n}. what was said of it, in one line" for n in range(1, 60))
LYING = "[https://bank.example](https://elsewhere.example/) and <b>no tag</b>"


async def writing(john: Person, _: Person, server: Server, shoot: Shoot) -> None:
    await to_rooms(john)
    await john.create("writing", "What a message can be")
    await john.in_room("writing")
    await fill(server, "writing", [PLANS, LYING, "🎉🦉"])
    await john.sees("Release 0.1")
    await shoot("markdown")
    await fill(server, "writing", [CODE])
    await john.page.locator(".code-keyword").first.wait_for()
    await shoot("code")
    await fill(server, "writing", [LONG])
    await john.page.get_by_role("button", name="Show more").wait_for()
    await shoot("folded")
    field = john.page.locator("#composer")
    await field.fill("make it **clear**")
    await shoot("formatting")
    await field.fill("")
    await field.press_sequentially("well done :tad")
    await john.page.get_by_role("option").first.wait_for()
    await shoot("naming an emoji")
    await field.fill("")
    await john.page.get_by_role("button", name="Insert an emoji").click()
    board = john.page.get_by_role("dialog", name="Emoji")
    await board.get_by_role("tab", name="Animals").click()
    await board.get_by_role("button", name="owl", exact=True).wait_for()
    await shoot("choosing an emoji")
    await john.page.keyboard.press("Escape")
    await board.wait_for(state="detached")


WRITING: tuple[Story, ...] = (writing,)
