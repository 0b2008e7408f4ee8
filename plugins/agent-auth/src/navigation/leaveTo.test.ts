/* eslint-disable no-script-url -- they are what must be refused */
import { leaveTo } from './leaveTo';

describe('leaving the page', () => {
  it.each([
    'https://portal.example.com/api/agent-auth/auth/1',
    'http://127.0.0.1:5000/callback?code=1',
    'cursor://anysphere.cursor-mcp/oauth/callback?code=1',
  ])('goes to %s', url => {
    const assign = jest.fn();
    leaveTo(url, { assign });
    expect(assign).toHaveBeenCalledWith(url);
  });

  it.each([
    'javascript:alert(1)',
    ' JavaScript:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    '/relative',
  ])('does not go to %j', url => {
    const assign = jest.fn();
    expect(() => leaveTo(url, { assign })).toThrow();
    expect(assign).not.toHaveBeenCalled();
  });
});
