"""What if: another policy over the recorded history of a municipality, and what follows from it.

``historie`` what is recorded, in groups that know nothing of each other; ``naspelen`` both policies side by side,
month by month; ``aannames`` what a replay assumes of hours, reach and return; ``verslag`` the report; ``plaatje`` its
picture. All pure; ``lopend`` keeps the replays under way.
"""
