// Tables that scroll inside themselves when the window is narrow, so that the page never does.
import { element, type Child } from "../dom";

export interface Column<Row> {
  title: string;
  /** Set for columns of numbers: aligned right. */
  numeric?: boolean;
  cell: (row: Row, index: number) => Child;
}

export interface TableOptions<Row> {
  caption: string;
  columns: Column<Row>[];
  rows: Row[];
  highlighted?: (row: Row, index: number) => boolean;
}

/** The first column names the rows. */
export function table<Row>({
  caption,
  columns,
  rows,
  highlighted,
}: TableOptions<Row>): HTMLElement {
  const align = (column: Column<Row>): Record<string, string> =>
    column.numeric ? { class: "number" } : {};
  const head = element(
    "tr",
    {},
    columns.map((column) => element("th", { scope: "col", ...align(column) }, column.title)),
  );
  const body = rows.map((row, index) =>
    element(
      "tr",
      highlighted?.(row, index) ? { class: "highlighted" } : {},
      columns.map((column, c) =>
        c === 0
          ? element("th", { scope: "row" }, column.cell(row, index))
          : element("td", align(column), column.cell(row, index)),
      ),
    ),
  );
  // The caption stands outside what scrolls: inside, a narrow window would cut it.
  return element(
    "div",
    { class: "table-block" },
    element("p", { class: "caption" }, caption),
    element(
      "div",
      { class: "table", role: "region", tabindex: "0", "aria-label": caption },
      element(
        "table",
        { "aria-label": caption },
        element("thead", {}, head),
        element("tbody", {}, body),
      ),
    ),
  );
}

/** Names and values below each other. */
export function definitions(entries: [string, Child][]): HTMLElement {
  return element(
    "dl",
    {},
    entries.map(([name, value]) =>
      element("div", {}, element("dt", {}, name), element("dd", {}, value)),
    ),
  );
}
