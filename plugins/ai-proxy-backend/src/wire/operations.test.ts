import { apiOf, operationOf } from './operations';

function find(method: string, path: string) {
  const found = apiOf(path)!;
  return operationOf(found.api, method, found.rest);
}

describe('operationOf', () => {
  it.each([
    ['POST', '/anthropic/v1/messages', 'inference', 'anthropic-messages'],
    ['POST', '/anthropic/v1/messages/count_tokens', 'count', 'count-tokens'],
    ['GET', '/anthropic/v1/models', 'models', 'models'],
    ['POST', '/anthropic/v1/messages/batches', 'create', 'batches'],
    ['GET', '/anthropic/v1/messages/batches/b_1/results', 'stored', 'batches'],
    ['POST', '/anthropic/v1/files', 'create', 'files'],
    ['POST', '/openai/v1/responses', 'inference', 'openai-responses'],
    ['POST', '/openai/chat/completions', 'inference', 'openai-chat'],
    ['POST', '/openai/v1/responses/input_tokens', 'count', 'count-tokens'],
    ['GET', '/openai/v1/responses/resp_1/input_items', 'stored', 'responses'],
    ['DELETE', '/openai/v1/files/file-1', 'stored', 'files'],
    ['GET', '/openai/v1/batches', 'list', 'batches'],
    ['POST', '/google-ai-studio/upload/v1beta/files', 'create', 'files'],
    ['PATCH', '/google-ai-studio/v1beta/cachedContents/x', 'stored', 'caches'],
    ['POST', '/compat/chat/completions', 'inference', 'openai-chat'],
    ['POST', '/compat/v1/embeddings', 'inference', 'openai-embeddings'],
    ['GET', '/compat/models/org/model', 'models', 'models'],
  ])('knows %s %s', (method, path, kind, name) => {
    expect(find(method, path)).toMatchObject({ kind, name });
  });

  it('reads the model from the paths of Gemini', () => {
    expect(
      find(
        'POST',
        '/google-ai-studio/v1beta/models/gemini-3-pro:streamGenerateContent',
      ),
    ).toMatchObject({
      format: 'google-generate',
      inPath: { model: 'gemini-3-pro', streaming: true },
    });
  });

  it.each([
    ['GET', '/anthropic/v1/messages'],
    ['POST', '/anthropic/messages'],
    ['POST', '/anthropic/v2/messages'],
    ['POST', '/anthropic/v1/organizations/api_keys'],
    ['POST', '/anthropic/v1/messages/'],
    ['POST', '/anthropic/v1//messages'],
    ['GET', '/anthropic/v1/files/../organizations'],
    ['GET', '/openai/v1/files/..%2f..%2fadmin'],
    ['GET', '/openai/v1/files/file-1/content/more'],
    ['GET', '/openai/v1/files/file-1%3fx'],
    ['POST', '/openai/v1/fine_tuning/jobs'],
    ['GET', '/openai/v1/chat/completions'],
    ['GET', '/openai/v1/organization/users'],
    ['POST', '/google-ai-studio/v1beta/models/..:generateContent'],
    ['POST', '/google-ai-studio/v1beta/models/a/b:generateContent'],
    ['POST', '/google-ai-studio/v1beta/interactions'],
    ['POST', '/google-ai-studio/v1beta/files'],
    ['POST', '/google-ai-studio/upload/v1beta/models/m:generateContent'],
    ['PATCH', '/openai/v1/files/file-1'],
    ['GET', '/compat/files'],
  ])('knows nothing of %s %s', (method, path) => {
    expect(find(method, path)).toBeUndefined();
  });

  it('lets an administrator allow more', () => {
    const further = [
      {
        api: 'openai' as const,
        method: 'POST',
        matches: (path: string) => path.startsWith('/moderations'),
      },
    ];
    expect(
      operationOf('openai', 'POST', '/v1/moderations', further),
    ).toMatchObject({ kind: 'other', path: '/moderations' });
    for (const path of [
      '/x',
      '/moderations/../files',
      '/moderations/%2e%2e/x',
    ]) {
      expect(
        operationOf('openai', 'POST', `/v1${path}`, further),
      ).toBeUndefined();
    }
  });

  it.each(['/', '/nobody/v1', '/anthropics/v1', '//anthropic'])(
    'finds no API at %s',
    path => {
      expect(apiOf(path)).toBeUndefined();
    },
  );
});
