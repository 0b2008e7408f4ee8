/** Something to be done about one of Lantern's services. */
export interface Issue {
  /** Such as `LAN-12`. */
  id: string;
  title: string;
  description: string;
  /** Name of a component of the catalog. */
  service: string;
  state: 'open' | 'closed';
  labels: string[];
  /** UUID of who reported it; absent for those that were there from the start. */
  reporter?: string;
  /** ISO 8601. */
  createdAt: string;
  comments: Comment[];
}

/** What somebody said about an issue. */
export interface Comment {
  /** UUID; absent as that of a reporter. */
  author?: string;
  /** ISO 8601. */
  at: string;
  text: string;
}
