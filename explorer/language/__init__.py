"""The one language of conditions: what events are listed, when a state holds, which rows are coloured.

    type == ItemAdded and data.quantity > 2 and actor in ("ann", "bob") and time >= 2011-01-05 and stream ~ "cart-*"
    total <= was.total / 2 or lines[sku=22423].quantity >= 10

It knows texts, numbers and JSON, neither events nor stores: who speaks it says what its names mean.
"""
