import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { htmlToText } from 'html-to-text'
import { targetOf } from '../../../src/mail/tracking/edits.ts'
import { decodeReferences } from '../../../src/mail/tracking/references.ts'

describe('which links lead over us, and where to', () => {
  test.each([
    ['https://example.com/', 'https://example.com/'],
    ['https://example.com', 'https://example.com'],
    ['HTTP://Example.com/A', 'HTTP://Example.com/A'],
    ['https://example.com/?a=1&amp;b=2', 'https://example.com/?a=1&b=2'],
    ['https://example.com/?a=1&b=2', 'https://example.com/?a=1&b=2'],
    ['https://example.com/?a=1&#38;b=2&#x26;c=3', 'https://example.com/?a=1&b=2&c=3'],
    ['https://example.com/?a=1&copy=2&para=3&lt=4', 'https://example.com/?a=1&copy=2&para=3&lt=4'],
    ['https&colon;&sol;&sol;example.com&sol;', 'https://example.com/'],
    ['  https://example.com/a\r\nb\t ', 'https://example.com/ab'],
    ['https://example.com/%7Euser/a%20b?q=%E9', 'https://example.com/%7Euser/a%20b?q=%E9'],
    ['https://example.com/a b', 'https://example.com/a%20b'],
    ['https://example.com/"<>', 'https://example.com/%22%3C%3E'],
    ['https://example.com/a\\b', 'https://example.com/a/b'],
    ['https://b\u00fccher.example/\u00e9?q=\u00e9', 'https://xn--bcher-kva.example/%C3%A9?q=%C3%A9'],
    ['https://example.com/&eacute;', 'https://example.com/%C3%A9'],
    ['https://user:pw@example.com:8443/#top', 'https://user:pw@example.com:8443/#top'],
    ['https://[2001:db8::1]/', 'https://[2001:db8::1]/'],
  ])('%j leads to %j', (value, target) => {
    expect(targetOf(value, true)).toBe(target)
  })

  test.each([
    '',
    '#top',
    '/relative',
    'example.com/',
    '//example.com/',
    'mailto:ann@example.com',
    'tel:+491234',
    'sms:+491234',
    'cid:part1@example.com',
    'javascript:alert(1)',
    'java&#10;script:alert(1)',
    'data:text/html,hello',
    'ftp://example.com/',
    'myapp://open',
    'https:example.com',
    'https:/example.com/',
    'https://',
    'https:///path',
    'https://exa mple.com/',
    'https://example.com:99999/',
    '{{ link }}',
    'https://example.com/?a=1&unknown;b=2',
    'https://example.com/&#0;',
    'https://example.com/&#xD800;',
    'https://example.com/&#99999999999;',
    'https://example.com/unsubscribe?u=1',
    'https://example.com/Opt-Out',
    'https://lists.example.com/?do=unsubscription',
    `https://example.com/${'a'.repeat(1400)}`,
  ])('%j stays as it is', (value) => {
    expect(targetOf(value, true)).toBeNull()
  })

  test('a megabyte of white space is no link, and takes no time', () => {
    expect(targetOf(`https://example.com/${' \t'.repeat(1_000_000)}x`, true)).toBeNull()
  })

  test('beyond ASCII only where the page is Unicode: browsers write queries in the charset of the page', () => {
    expect(targetOf('https://example.com/?q=\u00e9', false)).toBeNull()
    expect(targetOf('https://example.com/?q=&eacute;', false)).toBeNull()
    expect(targetOf('https://example.com/?q=1', false)).toBe('https://example.com/?q=1')
  })
})

describe('character references', () => {
  /** The second opinion: the parser behind another library. */
  function secondOpinion(value: string): string {
    let seen = ''
    const formatters = {
      link: (elem: { attribs?: { href?: string } }): void => {
        seen = elem.attribs?.href ?? ''
      },
    }
    htmlToText(`<a href="${value}">x</a>`, {
      formatters,
      selectors: [{ selector: 'a', format: 'link' }],
    } as never)
    return seen
  }

  test('are read as a parser of html reads them, or not at all', () => {
    const pieces = fc.constantFrom(
      ...'& &amp; &amp= &ampx &AMP; &lt; &gt &quot; &apos; &apos &copy &copy; &copy= &copyx &not &notit; &para= &#38; &#38'.split(
        ' ',
      ),
      ...'&#x26; &#X26a &#xZZ; &# &#; &nbsp; &eacute; &yuml &frac12; &sect=1 &colon; &sol; &bogus; &b; & a = ; 1 %26'.split(
        ' ',
      ),
    )
    let read = 0
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 6 }), (parts) => {
        const value = parts.join('')
        const got = decodeReferences(value)
        if (got === null) return
        read++
        expect(got).toBe(secondOpinion(value))
      }),
      { numRuns: 2000 },
    )
    expect(read).toBeGreaterThan(500)
  })
})
