// What the page is given of the data set (data.ts: all that it is given).

export interface ClassCount {
  name: string;
  train: number;
  valid: number;
  test: number;
}

export interface DataSummary {
  path: string;
  source: string;
  fingerprint: string;
  /** In words; "" in older studies. */
  sizes: string;
  positive: string;
  images: number;
  groups: number;
  classes: ClassCount[];
  external: { name: string; path: string; images: number; classes: [string, number][] }[];
  warnings: string[];
  skipped: string[];
  /** PNG in base64. */
  samples: { class: string; png: string }[];
}
