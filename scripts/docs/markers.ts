const SECTION = /<!-- generated:([a-z-]+) -->\n[\s\S]*?<!-- \/generated -->/g;

/** Names of the generated sections of a document, in order. */
export function sectionNames(document: string): readonly string[] {
  return [...document.matchAll(SECTION)].map((match) => match[1] ?? '');
}

/** The document with every generated section made anew. Throws on a section that nobody makes. */
export function fillSections(document: string, sections: Readonly<Record<string, () => string>>): string {
  return document.replaceAll(SECTION, (_whole, name: string) => {
    const make = sections[name];
    if (make === undefined) throw new Error(`no generator for section "${name}": use one of ${Object.keys(sections).join(', ')}`);
    return `<!-- generated:${name} -->\n\n${make()}\n\n<!-- /generated -->`;
  });
}
