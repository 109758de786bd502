// Finds places for labels beside points so that none covers another label or a point.

export interface Point {
  x: number;
  y: number;
  text: string;
  /** Lower is placed first; points without a label have none. */
  priority: number | null;
  /** Half the width of the mark. */
  radius: number;
}

export interface Place {
  index: number;
  dx: number;
  dy: number;
  align: "left" | "center" | "right";
}

export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const kHeight = 13;
const kLetterWidth = 6.3;

function box_of(point: Point, place: Omit<Place, "index">): Box {
  const width = point.text.length * kLetterWidth;
  const anchor = point.x + place.dx;
  const left =
    place.align === "left" ? anchor : place.align === "right" ? anchor - width : anchor - width / 2;
  const middle = point.y + place.dy;
  return { left, right: left + width, top: middle - kHeight / 2, bottom: middle + kHeight / 2 };
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/** Positions around a mark of radius r, the preferred one first. */
function candidates(r: number): Omit<Place, "index">[] {
  return [
    { dx: 0, dy: -r - 8, align: "center" },
    { dx: r + 3, dy: 0, align: "left" },
    { dx: -r - 3, dy: 0, align: "right" },
    { dx: r + 1, dy: -r - 5, align: "left" },
    { dx: -r - 1, dy: -r - 5, align: "right" },
    { dx: 0, dy: r + 9, align: "center" },
    { dx: r + 1, dy: r + 6, align: "left" },
    { dx: -r - 1, dy: r + 6, align: "right" },
  ];
}

/** Places by greedy choice among eight positions, in order of priority, keeping off `obstacles`; a
 * label that fits nowhere is left out (its point keeps its tooltip). Pixels, y downwards. */
export function place_labels(
  points: Point[],
  obstacles: Box[],
  width: number,
  height: number,
): Place[] {
  const marks = points.map(({ x, y, radius: r }) => ({
    left: x - r,
    right: x + r,
    top: y - r,
    bottom: y + r,
  }));
  const taken: Box[] = [...marks, ...obstacles];
  const order = points
    .map((_, index) => index)
    .filter((index) => points[index]!.priority !== null)
    .sort((a, b) => points[a]!.priority! - points[b]!.priority!);
  const places: Place[] = [];
  for (const index of order) {
    for (const candidate of candidates(points[index]!.radius)) {
      const box = box_of(points[index]!, candidate);
      if (box.left < 0 || box.right > width || box.top < -14 || box.bottom > height) continue;
      if (taken.some((other) => overlap(box, other))) continue;
      taken.push(box);
      places.push({ index, ...candidate });
      break;
    }
  }
  return places;
}
