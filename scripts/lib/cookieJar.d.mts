export class CookieJar {
  store(response: Response): void;
  header(url: URL): string;
}
