import { PORTALS, toolsOf } from '../sizes';
import { ANSWERS, answerOf, CALLED_TOOLS } from './answers';
import { defineTools } from './definitions';

describe('the servers of the benchmark', () => {
  it('answer with about 1 kB and about 20 kB of JSON, each time something else', () => {
    const sizesOf = (size: 'small' | 'large') =>
      Array.from({ length: ANSWERS }, (_, number) => {
        const text = answerOf(size, number);
        JSON.parse(text);
        return text.length;
      });
    const mean = (values: number[]) =>
      values.reduce((sum, each) => sum + each, 0) / values.length;
    expect(mean(sizesOf('small'))).toBeGreaterThan(900);
    expect(mean(sizesOf('small'))).toBeLessThan(1_100);
    expect(mean(sizesOf('large'))).toBeGreaterThan(18_000);
    expect(mean(sizesOf('large'))).toBeLessThan(22_000);
    const texts = Array.from({ length: ANSWERS }, (_, number) =>
      answerOf('small', number),
    );
    expect(new Set(texts).size).toBe(ANSWERS);
    expect(answerOf('small', 7)).toBe(answerOf('small', 7));
  });

  it('have as many tools as the portals are said to have, none twice', () => {
    for (const size of PORTALS) {
      const names = size.servers.flatMap(server =>
        defineTools(server, size.toolsPerServer).map(
          ({ name }) => `${server}_${name}`,
        ),
      );
      expect(new Set(names).size).toBe(toolsOf(size));
      // What is longer gets another name in a portal.
      expect(Math.max(...names.map(({ length }) => length))).toBeLessThan(65);
    }
    expect(PORTALS.map(toolsOf)).toEqual([182, 2_000]);
  });

  it('call tools that read, and have others that write and one that destroys', () => {
    const tools = defineTools('usual01', 14);
    const called = tools.filter(({ name }) =>
      (Object.values(CALLED_TOOLS) as string[]).includes(name),
    );
    expect(called.map(({ annotations }) => annotations.readOnlyHint)).toEqual([
      true,
      true,
    ]);
    const count = (is: (tool: (typeof tools)[number]) => boolean) =>
      tools.filter(is).length;
    expect(count(({ annotations }) => annotations.destructiveHint)).toBe(1);
    expect(
      count(({ annotations }) => !annotations.readOnlyHint),
    ).toBeGreaterThan(2);
  });
});
