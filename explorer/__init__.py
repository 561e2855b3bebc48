"""Event-history explorer: everything that ever happened in an event-sourced system, at any moment.

            commands                                   questions
 window ──► application ──► domain.decide ──► store ═══ events (source of truth, append-only)
   ▲              ▲                              │
   │              │                              │ change stream: events after position N
   │              │                              ▼
   └── queries ◄──┴────────── projections ◄── catch_up ◄── whoever comes first: the window, or the sidecar's process
                              (denormalised cache, disposable, knows every past state)

Rooms, and the one way in which they import: errors ← language ← domain ← proof ← store ← projections ←
application ← (gui | cli | sidecar) ← launcher.

stream            the events of one thing, `category-id`; version: 1-based number of an event within it
position          1-based number of an event in the whole store, without gaps; it is the order, the clock never is
expected version  what the writer believed the stream's version to be; a mismatch is a Conflict
checkpoint, signed  what a key has said of the log's size and Merkle root; verification: whether that still holds
condition         what must hold of an event or a state, in the one language; filter: one on events
decider           an empty state, `decide` and `evolve`: one domain's rules, pure
projection        tables computed from events; checkpoint: the last position applied; rebuild: from empty
keeper            the process that keeps a cache fresh; sidecar: one beside the application that knows nothing of it
time of a position  the greatest occurred_at so far; as of: a position, or a time resolved to one
"""
