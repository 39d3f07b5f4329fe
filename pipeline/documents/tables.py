"""Data tables as lines of text, and what tells them from tables that only lay out the page."""

from pipeline.documents.tree import Block

MAX_CELL_CHARS = 500  # of a data table; more is prose


def fold_rows(blocks: list[Block], first: int, group: int) -> bool:
    """Join the cells of a data table to one block a row, in place, and say so; leave a layout table as it is.

    A data table has two rows and two columns or more, and nothing in its cells but one short text each. Its blocks,
    except its caption's, have a cell.
    """
    cells = [block for block in blocks[first:] if block.cell is not None and block.cell[1] >= 0]
    columns = max((block.cell[1] for block in cells if block.cell), default=0)
    if columns < 1 or len({block.cell for block in cells}) < len(cells):
        return False
    if len({block.cell[0] for block in cells if block.cell}) < 2:
        return False
    if any(b.kind != "paragraph" or b.media or len(b.text) > MAX_CELL_CHARS or "\n" in b.text for b in cells):
        return False
    rows: dict[int, list[Block]] = {}
    for cell in cells:
        rows.setdefault(cell.cell[0] if cell.cell else 0, []).append(cell)
    others = [block for block in blocks[first:] if block.cell is None or block.cell[1] < 0]
    blocks[first:] = [*others, *(_row(row, group) for row in rows.values())]
    return True


def _row(cells: list[Block], group: int) -> Block:
    row = cells[0]
    row.text = " | ".join(cell.text for cell in cells)
    row.link_chars = sum(cell.link_chars for cell in cells)
    row.kind, row.group = "row", group
    return row
