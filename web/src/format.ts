// Numbers as people read them. "–" stands for what is not defined.
import type { Bounds } from "./data";

export const kNone = "–";

export function fixed(value: number | null | undefined, digits = 3): string {
  return value === null || value === undefined ? kNone : value.toFixed(digits);
}

/** "[0.901, 0.923]", or nothing where there is no interval. Clipped to what the figure can be. */
export function interval(bounds: Bounds | null, highest = 1, lowest = 0): string {
  if (!bounds || bounds.low === null) return "";
  const high = bounds.high === null ? Infinity : Math.min(highest, bounds.high);
  return `[${fixed(Math.max(lowest, bounds.low))}, ${high === Infinity ? "∞" : fixed(high)}]`;
}

/** "+0.004", "−0.012". */
export function signed(value: number | null): string {
  if (value === null) return kNone;
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(3)}`;
}

export function count(value: number): string {
  return value.toLocaleString("en-US");
}

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

export function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)} %`;
}

export function duration(seconds: number | null): string {
  if (seconds === null) return kNone;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 99.5) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (seconds < 6000) return `${(seconds / 60).toFixed(seconds < 600 ? 1 : 0)} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

const kThousands = ["", " k", " M", " G", " T", " P"];

/** Three digits and a prefix: 1234567 -> "1.23 M". */
export function scaled(value: number, unit = ""): string {
  let step = 0;
  while (Math.abs(value) >= 999.5 && step < kThousands.length - 1) {
    value /= 1000;
    ++step;
  }
  const text = step === 0 ? String(Math.round(value)) : value.toPrecision(3);
  return `${text}${kThousands[step]}${unit && step === 0 ? ` ${unit}` : unit}`;
}

/** A learning rate without needless zeros: 0.001, 3e-5. */
export function rate(value: number | null): string {
  if (value === null) return kNone;
  return value >= 1e-4 ? String(Number(value.toPrecision(3))) : value.toExponential();
}

export function bytes(value: number): string {
  return value > 0 ? `${(value / 2 ** 30).toFixed(2)} GiB` : kNone;
}

/** A UTC time stamp of the journal: "2026-03-01T12:00:00Z" -> "1 March 2026, 12:00 UTC". */
export function date(stamp: string): string {
  const time = new Date(stamp);
  if (Number.isNaN(time.getTime())) return stamp;
  const day = time.toLocaleDateString("en-GB", {
    day: "numeric",
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  });
  return `${day}, ${time.toISOString().slice(11, 16)} UTC`;
}
