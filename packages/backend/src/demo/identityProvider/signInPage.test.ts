import { renderErrorPage, renderSignInPage } from './signInPage';

const ada = {
  id: 'ada',
  name: 'Ada <b>"Countess" & Co</b>',
  email: 'ada@example.com',
  role: 'engineer',
  tryThis: 'anything',
};

describe('sign-in page', () => {
  it('has a button for each persona and loads nothing', () => {
    const html = renderSignInPage({ title: 'Portal', personas: [ada] });

    expect(html).toContain('<title>Sign in to Portal</title>');
    expect(html).toContain('<button name="persona" value="ada">');
    expect(html).not.toMatch(/<script|<link|<img|@import|url\(/);
  });

  it('escapes what comes from outside', () => {
    expect(renderSignInPage({ title: 'Portal', personas: [ada] })).toContain(
      'Ada &lt;b&gt;&quot;Countess&quot; &amp; Co&lt;/b&gt;',
    );
    expect(
      renderErrorPage({ title: 'Portal', message: "No '<script>'" }),
    ).toContain("No '&lt;script&gt;'");
  });
});
