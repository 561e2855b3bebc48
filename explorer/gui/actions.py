"""Everything a user can do, once: menus, toolbar, command palette, shortcut sheet and tests are fed from this table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtGui import QKeySequence

Menu = Literal["File", "Edit", "View", "Go", "Event", "Tools", "Help"]
MENUS: Sequence[Menu] = ("File", "Edit", "View", "Go", "Event", "Tools", "Help")
MNEMONICS = {"File": "&File", "Edit": "&Edit", "View": "&View", "Go": "&Go", "Event": "Eve&nt", "Tools": "&Tools",
             "Help": "&Help"}  # fmt: skip
Key = QKeySequence.StandardKey
Need = Literal["store", "now", "past", "stream", "event", "earlier", "back", "forward", "before", "later", "writable",
               "sound", "rest", "stopped", "key", "damage"]  # fmt: skip

Place = Literal["event", "field", "line", "timeline"]
"""Where a context menu is opened: on an event, on a field of a state or an event, on a line of a cart, on a moment."""


@dataclass(frozen=True, slots=True)
class Action:
    """`id` is also the name of the method that does it. `needs` says when it is enabled, `places` in which context
    menus it stands, too. A room's actions may need what its REASONS name."""

    id: str
    menu: Menu
    text: str
    tip: str
    shortcuts: tuple[str | Key, ...] = ()
    needs: tuple[Need | str, ...] = ()
    icon: str = ""
    separated: bool = False
    toolbar: bool = False
    checkable: bool = False
    places: tuple[Place, ...] = ()

    @property
    def title(self) -> str:
        """The text without its mnemonic."""
        return self.text.replace("&", "")


REASONS: dict[str, str] = {
    "store": "No store is open.",
    "now": "You are looking at the past; go back to now first.",
    "past": "You are looking at now.",
    "stream": "No stream is chosen.",
    "event": "No event is shown.",
    "earlier": "This is the stream's latest event: it is as it was then.",
    "back": "There is no earlier place.",
    "forward": "There is no later place.",
    "before": "This is before the first event.",
    "later": "This is now: nothing has happened since.",
    "writable": "The store is open for reading only; the panel Trust says why.",
    "sound": "The log failed its last verification, so nothing is signed.",
    "rest": "A verification is running.",
    "stopped": "No verification was stopped.",
    "key": "No key has been made yet; it is made when the first checkpoint is signed.",
    "damage": "No damaged event is known.",
}

ACTIONS: Sequence[Action] = (
    Action("open_store", "File", "&Open store…", "Open an event store in a window of its own", (Key.Open,)),
    Action("open_demo", "File", "Open &demo store", "Open the demo shop, made on first use"),
    Action(
        "import_file",
        "File",
        "&Import file…",
        "Append what a file of another system says",
        ("Ctrl+I",),
        ("store", "writable"),
        separated=True,
    ),
    Action(
        "write_report",
        "File",
        "Write audit &report…",
        "Who, what, when and why, in a file an auditor can keep",
        ("Ctrl+E",),
        ("store",),
        icon="report",
        toolbar=True,
    ),
    Action("close_window", "File", "&Close window", "Close this window", (Key.Close,), separated=True),
    Action("quit", "File", "&Quit", "Close all windows", (Key.Quit,)),
    Action(
        "open_cart",
        "Edit",
        "&Open cart…",
        "Begin a cart for a customer",
        (Key.New,),
        ("store", "now", "writable"),
        icon="cart",
        toolbar=True,
    ),
    Action(
        "find_events", "Edit", "&Find events…", "Filter the event list by words or a condition", (Key.Find,), ("store",)
    ),
    Action("find_product", "Edit", "Find &product…", "Search the products by name or number", ("Ctrl+P",), ("store",)),
    Action(
        "clear_filter", "Edit", "C&lear filter", "Show all events again", ("Ctrl+Shift+F",), ("store",), separated=True
    ),
    Action("refresh", "View", "&Refresh", "Look for new events at once", (Key.Refresh,), ("store",)),
    Action(
        "command_palette",
        "View",
        "&Command palette…",
        "Find an action by name",
        ("Ctrl+Shift+P", "Ctrl+K"),
        separated=True,
    ),
    Action("next_panel", "View", "&Next panel", "Move the focus to the next panel", ("F6",)),
    Action("previous_panel", "View", "&Previous panel", "Move the focus to the panel before", ("Shift+F6",)),
    Action("show_trust", "View", "Show &trust", "What was verified and signed, and what is damaged", ("F9",)),
    Action("full_screen", "View", "&Full screen", "Fill the screen, or no longer", ("F11",), separated=True),
    Action("reset_layout", "View", "Reset &layout", "Put all panels back to where they were at first"),
    Action("light_theme", "View", "Li&ght", "Dark text on light ground", separated=True),
    Action("dark_theme", "View", "&Dark", "Light text on dark ground"),
    Action("system_theme", "View", "As the &system", "Light or dark as the desktop has it"),
    Action(
        "go_to_start", "Go", "To &start", "Before the first event", ("Ctrl+Home",), ("store", "before"), icon="start"
    ),
    Action("step_back", "Go", "&Back one event", "To the event before", ("[",), ("store", "before"), icon="previous"),
    Action("step_on", "Go", "&On one event", "To the event after", ("]",), ("store", "later"), icon="next"),
    Action("go_to_now", "Go", "To &now", "Back to the present", ("Esc", "Ctrl+End"), ("store", "past"), icon="now"),
    Action(
        "step_back_in_stream",
        "Go",
        "&Previous event of this stream",
        "To the stream's event before",
        ("Ctrl+[",),
        ("store", "stream"),
        separated=True,
    ),
    Action(
        "step_on_in_stream",
        "Go",
        "Ne&xt event of this stream",
        "To the stream's event after",
        ("Ctrl+]",),
        ("store", "stream"),
    ),
    Action("play", "Go", "Pla&y or pause", "Let history pass by itself", ("Ctrl+Space",), ("store",), icon="play"),
    Action(
        "go_to_event", "Go", "&Go to event…", "To an event by its position", ("Ctrl+G",), ("store",), separated=True
    ),
    Action(
        "go_to_damage",
        "Go",
        "To next &damaged event",
        "To the next event that a verification has found damaged",
        ("F8",),
        ("store", "damage"),
    ),
    Action("go_back", "Go", "Place be&fore", "To where you looked before", ("Alt+Left",), ("store", "back")),
    Action("go_forward", "Go", "Place &after", "To where you looked after", ("Alt+Right",), ("store", "forward")),
    Action(
        "rewind_to_event",
        "Event",
        "&Rewind to this event",
        "Wind everything to the event shown",
        ("Ctrl+Return",),
        ("store", "event"),
    ),
    Action(
        "show_stream_only",
        "Event",
        "Show this &stream only",
        "List the events of the chosen stream",
        ("Ctrl+L",),
        ("store", "stream"),
    ),
    Action(
        "show_type_only",
        "Event",
        "Show this &type only",
        "List the events of this type",
        ("Ctrl+Alt+Y",),
        ("store", "event"),
    ),
    Action(
        "show_actor_only",
        "Event",
        "Show this &actor only",
        "List what this actor did",
        ("Ctrl+Alt+W",),
        ("store", "event"),
    ),
    Action(
        "copy_event",
        "Event",
        "&Copy event as JSON",
        "Put the event on the clipboard",
        ("Ctrl+Shift+C",),
        ("store", "event"),
        separated=True,
    ),
    Action(
        "restore_stream",
        "Event",
        "Restore stream to this &moment…",
        "Bring the stream back to what it was at the moment shown, by new events",
        ("Ctrl+Shift+R",),
        ("store", "event", "earlier", "writable"),
        separated=True,
        places=("event",),
    ),
    Action(
        "undo_event",
        "Event",
        "&Undo this event…",
        "Take back what the event shown did, by new events",
        ("Ctrl+Alt+Z",),
        ("store", "event", "writable"),
        places=("event",),
    ),
    Action(
        "rebuild",
        "Tools",
        "&Rebuild read models",
        "Build the cache anew from the events; nothing is lost by it",
        (),
        ("store",),
    ),
    Action(
        "verify_now",
        "Tools",
        "&Verify now",
        "Check every hash, position and signature of the log",
        ("Ctrl+Shift+V",),
        ("store", "rest"),
        separated=True,
    ),
    Action(
        "go_on_verifying",
        "Tools",
        "Go on verif&ying",
        "Verify on where it was stopped",
        (),
        ("store", "rest", "stopped"),
    ),
    Action(
        "sign_checkpoint",
        "Tools",
        "&Sign checkpoint",
        "Sign the log as it is now; the checkpoint is kept beside the store",
        (),
        ("store", "writable"),
        separated=True,
    ),
    Action(
        "export_checkpoint",
        "Tools",
        "&Export checkpoint…",
        "Sign the log as it is now, into a file for whoever is to trust it",
        (),
        ("store", "sound"),
    ),
    Action(
        "copy_public_key",
        "Tools",
        "&Copy public key",
        "Put the key that checks your signatures on the clipboard",
        (),
        ("store", "key"),
    ),
    Action(
        "rotate_key",
        "Tools",
        "Replace signing &key",
        "Sign with a new key from now on; what the old one has signed stays valid",
        (),
        ("store", "writable", "key"),
    ),
    Action("shortcuts", "Help", "&Keyboard shortcuts", "All actions and their keys", (Key.HelpContents,)),
    Action("about", "Help", "&About", "What this program is"),
)
