import { PromptReader } from './PromptReader';

function read(json: string) {
  return new PromptReader().read(Buffer.from(json), JSON.parse(json));
}

describe('PromptReader', () => {
  it('takes a list of more elements than conversations have as one part', () => {
    const numbers = (count: number) => `[${'0,'.repeat(count - 1)}0]`;
    const { parts } = read(`{"model":"m","input":${numbers(5_000)}}`);
    expect(parts.map(({ member }) => member)).toEqual(['model', 'input']);
    expect(read(`{"input":${numbers(500)}}`).parts).toHaveLength(500);
  });

  it('refuses more members than requests have', () => {
    const members = Array.from({ length: 5_000 }, (_, at) => `"m${at}":0`);
    expect(() => read(`{${members.join()}}`)).toThrow(
      'The request has 5000 members; 1000 are the most',
    );
  });

  it('refuses what is nested deeper than servers read', () => {
    const nested = (depth: number) =>
      `{"messages":[${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}]}`;
    expect(() => read(nested(500))).not.toThrow();
    expect(() => read(nested(5_000))).toThrow('nested deeper than 1000');
  });
});
