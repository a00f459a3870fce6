import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const doors = ['index', 'store'] as const
const file = (door: string) => `${root}src/${door}.ts`

const { options } = ts.parseJsonConfigFileContent(
  ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile).config,
  ts.sys,
  root,
)
const program = ts.createProgram(doors.map(file), { ...options, noEmit: true })
const checker = program.getTypeChecker()

/** Every name that a door exports, with what it stands for. */
function namesOf(door: (typeof doors)[number]): { name: string; symbol: ts.Symbol }[] {
  const source = program.getSourceFile(file(door))
  const module = source && checker.getSymbolAtLocation(source)
  if (!module) throw new Error(`There is no ${door}.ts`)
  return checker
    .getExportsOfModule(module)
    .map((symbol) => ({
      name: symbol.name,
      symbol: symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** A declaration as its users see it: without comments, without what functions do, without what is private. */
function shapeOf(symbol: ts.Symbol): string {
  const declaration = symbol.valueDeclaration ?? symbol.declarations?.[0]
  if (!declaration) throw new Error(`${symbol.name} is declared nowhere`)
  if (ts.isVariableDeclaration(declaration) || ts.isFunctionDeclaration(declaration)) {
    const type = checker.getTypeOfSymbolAtLocation(symbol, declaration)
    return `${ts.isFunctionDeclaration(declaration) ? 'function' : 'const'} ${symbol.name}: ${checker.typeToString(type, undefined, ts.TypeFormatFlags.NoTruncation)}`
  }
  if (ts.isClassDeclaration(declaration)) {
    const members = checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol)).map((member) => {
      const type = checker.getTypeOfSymbolAtLocation(member, declaration)
      // The compiler numbers symbols anew with every change of any file.
      const name = member.name.replace(/^__@(\w+)@\d+$/, '[Symbol.$1]')
      return `  ${name}: ${checker.typeToString(type, undefined, ts.TypeFormatFlags.NoTruncation)}`
    })
    return [
      `class ${symbol.name}`,
      ...members.filter((line) => !line.startsWith('  #') && !line.startsWith('  __#')),
    ].join('\n')
  }
  const printer = ts.createPrinter({ removeComments: true })
  return printer.printNode(ts.EmitHint.Unspecified, declaration, declaration.getSourceFile()).replace(/^export /, '')
}

describe.each(doors)('the public surface behind %s.ts', (door) => {
  const names = namesOf(door)

  // After a change that is meant: `npx vitest run --project core public-surface -u`, and a changeset.
  it('is the one in the report', async () => {
    const report = names.map(({ symbol }) => shapeOf(symbol)).join('\n\n')
    await expect(`${report}\n`).toMatchFileSnapshot(`../api/${door}.txt`)
  })

  it('says of every name what it is', () => {
    const silent = names.filter(({ symbol }) => symbol.getDocumentationComment(checker).length === 0)
    expect(
      silent.map(
        ({ name, symbol }) => `${name} (${symbol.declarations?.[0]?.getSourceFile().fileName.slice(root.length)})`,
      ),
    ).toEqual([])
  })
})
