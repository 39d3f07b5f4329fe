"""Data tables as lines of text, by the rule that `pipeline.documents.tables` states."""

from collections import defaultdict

from pipeline.documents.tables import MAX_CELL_CHARS
from pipeline.documents.tree import Block


def fold_table(blocks: list[Block], first: int, group: int) -> bool:
    """Make one block of each row of a table, whose blocks are the last ones, from `first` on, if it is a data table."""
    cells: dict[tuple[int, int], Block] = {}
    beside: list[Block] = []  # captions
    for block in blocks[first:]:
        if block.cell is None or block.cell[1] < 0:
            beside.append(block)
        elif block.cell in cells or not is_short_text(block):
            return False
        else:
            cells[block.cell] = block
    rows: defaultdict[int, list[Block]] = defaultdict(list)
    for (row, _), cell in cells.items():
        rows[row].append(cell)
    if len(rows) < 2 or max(column for _, column in cells) < 1:
        return False
    blocks[first:] = beside
    for of_row in rows.values():
        block = of_row[0]
        block.text = " | ".join(cell.text for cell in of_row)
        block.link_chars = sum(cell.link_chars for cell in of_row)
        block.kind, block.group = "row", group
        blocks.append(block)
    return True


def is_short_text(block: Block) -> bool:
    is_line = "\n" not in block.text and len(block.text) <= MAX_CELL_CHARS
    return block.kind == "paragraph" and is_line and not block.media
