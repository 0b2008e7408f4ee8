import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  keptBy,
  makeMachine,
  shells,
  startAnswers,
  startLogin,
} from '../__testUtils__/runLoginScript';

jest.setTimeout(60_000);

const DEVICE = {
  device_code: 'device-code-1',
  user_code: 'WDJB-MJHT',
  verification_uri: 'https://portal.example.com/device',
  verification_uri_complete:
    'https://portal.example.com/device?user_code=WDJB-MJHT',
  expires_in: 600,
  interval: 2,
};
const TOKENS = {
  access_token: 'access-1',
  refresh_token: 'refresh-1',
  token_type: 'Bearer',
  expires_in: 3600,
};

type Machine = ReturnType<typeof makeMachine>;

describe('with answers that are not as they should be', () => {
  async function run(
    answers: Parameters<typeof startAnswers>[0],
    options: {
      machine?: Machine;
      shell?: string[];
      args?: string[];
      env?: Record<string, string>;
    } = {},
  ) {
    const server = await startAnswers({
      '/oauth/device_authorization': [[200, DEVICE]],
      ...answers,
    });
    const machine = options.machine ?? makeMachine();
    const result = await startLogin({ issuer: server.url, ...options, machine })
      .ended;
    await server.stop();
    return { ...result, machine, forms: server.forms };
  }
  const error = (code: string): [number, unknown] => [400, { error: code }];

  it('waits as long as the server says, and longer when it says so', async () => {
    const { code, stdout, machine, forms } = await run({
      '/oauth/token': [
        error('authorization_pending'),
        error('slow_down'),
        error('authorization_pending'),
        [200, TOKENS],
      ],
    });

    expect({ code, stdout }).toEqual({ code: 0, stdout: 'access-1\n' });
    expect(machine.calls().match(/^sleep .*/gm)).toEqual([
      'sleep 2',
      'sleep 2',
      'sleep 7',
      'sleep 7',
    ]);
    expect(Object.fromEntries(forms.at(-1)!.form)).toEqual({
      client_id: 'prompt-corner-login',
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: 'device-code-1',
    });
  });

  it.each<[string, Parameters<typeof startAnswers>[0], RegExp]>([
    [
      'an expired sign-in',
      { '/oauth/token': [error('expired_token')] },
      /not approved in time\. Run this again/,
    ],
    [
      'a server that gets lost on the way',
      { '/oauth/token': [[0, '']] },
      /cannot be reached\. Check the network/,
    ],
    [
      'a server that fails',
      { '/oauth/token': [[500, 'oops']] },
      /refused \(HTTP 500\): It gave no reason/,
    ],
    [
      'another error',
      {
        '/oauth/token': [
          [
            400,
            { error: 'invalid_target', error_description: 'no such portal' },
          ],
        ],
      },
      /refused \(HTTP 400\): no such portal/,
    ],
    [
      'a wrong address',
      { '/oauth/device_authorization': [[404, '<html>']] },
      /no sign-in at .*HTTP 404.*get this script again/,
    ],
    [
      'a redirect',
      { '/oauth/device_authorization': [[302, '']] },
      /refused \(HTTP 302\)/,
    ],
    [
      'a page instead of an answer',
      { '/oauth/device_authorization': [[200, '<html>{"user_code":"x"}']] },
      /did not answer as a sign-in does/,
    ],
    [
      'half an answer',
      {
        '/oauth/device_authorization': [
          [200, JSON.stringify(DEVICE).slice(0, 60)],
        ],
      },
      /did not answer as a sign-in does/,
    ],
    [
      'a giant',
      {
        '/oauth/device_authorization': [
          [200, { a: 'x'.repeat(100_000), ...DEVICE }],
        ],
      },
      /did not answer as a sign-in does/,
    ],
    [
      'an address that is a command',
      {
        '/oauth/device_authorization': [
          [200, { ...DEVICE, verification_uri_complete: 'file:///etc/passwd' }],
        ],
      },
      /did not answer as a sign-in does/,
    ],
    [
      'an address with a quote',
      {
        '/oauth/device_authorization': [
          [200, { ...DEVICE, verification_uri_complete: "https://a/'$(id)" }],
        ],
      },
      /did not answer as a sign-in does/,
    ],
    ['no token', { '/oauth/token': [[200, {}]] }, /without a usable token/],
    [
      'a token inside something else',
      { '/oauth/token': [[200, { a: { access_token: 'x' } }]] },
      /without a usable token/,
    ],
    [
      'a token with a quote',
      { '/oauth/token': [[200, { ...TOKENS, access_token: 'a"b' }]] },
      /without a usable token/,
    ],
    [
      'a token with a line break',
      { '/oauth/token': [[200, { ...TOKENS, access_token: 'a\nb' }]] },
      /without a usable token/,
    ],
    [
      'a token with a command',
      { '/oauth/token': [[200, { ...TOKENS, access_token: '$(id)' }]] },
      /without a usable token/,
    ],
  ])('says what to do about %s', async (_, answers, message) => {
    const { code, stdout, stderr, machine } = await run(answers);

    expect(stderr).toMatch(message);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(readdirSync(machine.state)).toEqual([]);
  });

  it('says that there is no server', async () => {
    const { code, stderr } = await startLogin({
      issuer: 'http://127.0.0.1:1',
      machine: makeMachine(),
    }).ended;

    expect(code).toBe(1);
    expect(stderr).toMatch(
      /127\.0\.0\.1:1 cannot be reached\. Check the network/,
    );
  });

  it.each(shells)(
    'does nothing that a hostile answer wants, in %s',
    async (_, shell) => {
      const machine = makeMachine();
      const made = join(machine.folder, 'made');
      const { code, stdout, stderr } = await run(
        {
          '/oauth/token': [
            [
              400,
              `{ "a": {"error_description":"inner \\"}"}, "b": ["]", {"c": 1}], "error" : "x';touch ${made};'",
             "error_description":"one \\"two\\" \\\\ $(touch ${made}) \`touch ${made}\` ; \\u001b[31m \\u0041 \\n %s %n ${'\u202e'}\u001b]0;x\u0007 end" }`,
            ],
          ],
        },
        { machine, shell },
      );

      expect(code).toBe(1);
      expect(stdout).toBe('');
      expect(stderr).toContain(
        `one "two" \\ $(touch ${made}) \`touch ${made}\` ; ?[31m A   %s %n ]0;x end`,
      );
      expect(stderr.replace(/\n/g, '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(existsSync(made)).toBe(false);
    },
  );

  it('reads answers however they are written', async () => {
    const { stdout } = await run({
      '/oauth/token': [
        [
          200,
          `\r\n{ "nested" : { "access_token" : "wrong" } ,\t"list":["access_token",":","wrong"], "access_token"\n:\n"acc\\u0065ss-2", "expires_in":3600, "refresh_token" : null }`,
        ],
      ],
    });

    expect(stdout).toBe('access-2\n');
  });

  it('keeps the connection while the server fails, and does not start another sign-in', async () => {
    const machine = makeMachine();
    const server = await startAnswers({
      '/oauth/device_authorization': [[200, DEVICE]],
      '/oauth/token': [
        [200, { ...TOKENS, expires_in: 10 }],
        [503, 'later'],
        [200, { access_token: 'access-2', expires_in: 3600 }],
      ],
    });
    const login = () => startLogin({ issuer: server.url, machine }).ended;

    expect(await login()).toMatchObject({ code: 0, stdout: 'access-1\n' });
    expect(await login()).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/HTTP 503/),
    });
    expect(await login()).toMatchObject({ code: 0, stdout: 'access-2\n' });
    expect(keptBy(machine)[3]).toBe('refresh-1');
    expect(
      server.forms.filter(({ path }) => path.includes('device')),
    ).toHaveLength(1);
    await server.stop();
  });

  it('does not wait for a process that has died, nor trust what others wrote into its files', async () => {
    const machine = makeMachine();
    const server = await startAnswers({
      '/oauth/device_authorization': [[200, DEVICE]],
      '/oauth/token': [[200, TOKENS]],
    });
    await startLogin({ issuer: server.url, machine }).ended;
    const [file] = readdirSync(machine.state);
    const path = join(machine.state, file);
    const [identity] = keptBy(machine);
    mkdirSync(`${path}.lock`);
    writeFileSync(
      join(`${path}.lock`, 'since'),
      `${Math.floor(Date.now() / 1000) - 61}\n`,
    );
    writeFileSync(
      path,
      `${identity}\n$(touch ${machine.folder}/made)\na[$(touch ${machine.folder}/made)]\n;id\n`,
    );

    const result = await startLogin({ issuer: server.url, machine }).ended;

    expect(result).toMatchObject({ code: 0, stdout: 'access-1\n' });
    expect(existsSync(join(machine.folder, 'made'))).toBe(false);
    expect(readdirSync(machine.state)).toEqual([file]);
    await server.stop();
  });

  it('opens a browser only where there is one, and where it may', async () => {
    const opened = async (args: string[], env: Record<string, string>) => {
      const { machine } = await run(
        { '/oauth/token': [[200, TOKENS]] },
        { args, env },
      );
      return /^(xdg-open|open|wslview) https:\/\/portal\.example\.com\/device\?user_code=WDJB-MJHT$/m.test(
        machine.calls(),
      );
    };

    expect(await opened([], { DISPLAY: ':0' })).toBe(true);
    // A Mac always has one.
    expect(await opened([], {})).toBe(process.platform === 'darwin');
    expect(await opened(['--no-browser'], { DISPLAY: ':0' })).toBe(false);
    expect(
      await opened([], { DISPLAY: ':0', PROMPT_CORNER_NO_BROWSER: '1' }),
    ).toBe(false);
  });

  it('explains itself, and what is wrong with its arguments', async () => {
    expect(await run({}, { args: ['--help'] })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('--no-cache'),
    });
    for (const [args, message] of [
      [['--what\u001b[2J'], 'Unknown option --what[2J; see --help\n'],
      [['--resource'], '--resource needs a value'],
      [['--resource', "x'y"], '--resource has to be a URL'],
      [['--scope', '$(id)'], '--scope has to be names'],
      [['--logout', '--no-cache'], '--logout needs'],
    ] as Array<[string[], string]>) {
      const { code, stderr, stdout } = await run({}, { args });
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain(message);
    }
    const machine = makeMachine();
    mkdirSync(join(machine.folder, 'state'));
    writeFileSync(machine.state, 'a file, where a folder has to be');
    expect(await run({}, { machine })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Cannot write to'),
    });
  });
});
