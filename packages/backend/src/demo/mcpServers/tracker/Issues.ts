import { ConflictError, NotFoundError } from '@backstage/errors';
import type { Comment, Issue } from './Issue';
import { seedIssues } from './seed';

/** The demo forgets nothing until it is restarted, so it takes no more than this. */
const MAX_ISSUES = 1_000;
const MAX_COMMENTS = 100;

/** All issues, in memory: each start begins anew. */
export class Issues {
  readonly #issues = new Map(seedIssues().map(issue => [issue.id, issue]));
  #last = this.#issues.size;

  /** Newest first. */
  list(filter: { service?: string; state?: Issue['state'] } = {}): Issue[] {
    const { service, state } = filter;
    return [...this.#issues.values()]
      .filter(
        issue =>
          (!service || issue.service === service) &&
          (!state || issue.state === state),
      )
      .reverse();
  }

  /** Those that have all words of the query, in any field. */
  search(query: string): Issue[] {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    return this.list().filter(issue => {
      const text = JSON.stringify(issue).toLowerCase();
      return words.every(word => text.includes(word));
    });
  }

  /** @throws NotFoundError */
  get(id: string): Issue {
    const issue = this.#issues.get(id.toUpperCase());
    if (!issue) {
      throw new NotFoundError(
        `There is no issue ${id}; list_issues and search_issues tell which there are`,
      );
    }
    return issue;
  }

  /** @throws ConflictError when there are too many */
  create(
    issue: Pick<
      Issue,
      'title' | 'description' | 'service' | 'labels' | 'reporter'
    >,
  ): Issue {
    if (this.#issues.size >= MAX_ISSUES) {
      throw new ConflictError(
        `The demo takes ${MAX_ISSUES} issues; delete some first`,
      );
    }
    this.#last += 1;
    const created: Issue = {
      id: `LAN-${this.#last}`,
      ...issue,
      state: 'open',
      createdAt: new Date().toISOString(),
      comments: [],
    };
    this.#issues.set(created.id, created);
    return created;
  }

  /** @throws NotFoundError; ConflictError when there are too many */
  comment(id: string, comment: Pick<Comment, 'author' | 'text'>): Issue {
    const issue = this.get(id);
    if (issue.comments.length >= MAX_COMMENTS) {
      throw new ConflictError(
        `The demo takes ${MAX_COMMENTS} comments on an issue`,
      );
    }
    issue.comments.push({ ...comment, at: new Date().toISOString() });
    return issue;
  }

  /** @throws NotFoundError */
  delete(id: string): void {
    this.#issues.delete(this.get(id).id);
  }
}
