import { renderLoginScript } from './renderLoginScript';

describe('renderLoginScript', () => {
  const OPTIONS = {
    issuer: 'https://portal.example.com/api/agent-auth/',
    clientId: 'prompt-corner-login',
  };

  it.each(['sh', 'ps1'] as const)(
    'puts its options into the %s program',
    script => {
      const text = renderLoginScript(script, {
        ...OPTIONS,
        resource: 'https://portal.example.com/api/ai-proxy',
      });

      expect(text).toMatch(
        /issuer ?= ?'https:\/\/portal\.example\.com\/api\/agent-auth'/i,
      );
      expect(text).toMatch(/'https:\/\/portal\.example\.com\/api\/ai-proxy'/);
      expect(text).not.toMatch(/@[A-Z_]+@|undefined/);
    },
  );

  it('refuses options that could be more than text', () => {
    for (const change of [
      { issuer: "https://a'; rm -rf /;'" },
      { issuer: 'file:///etc/passwd' },
      { issuer: 'https://a\nb' },
      { resource: 'https://a/$(id)' },
      { clientId: "x'" },
      { scope: "models:use'; id; '" },
    ]) {
      expect(() => renderLoginScript('sh', { ...OPTIONS, ...change })).toThrow(
        /^A login script needs/,
      );
    }
  });
});
