import { expect, test } from 'bun:test'
import { textAlternative } from '../../../src/mail/templates/text-alternative.ts'

test.each([
  ['<p>Hello <b>Jane</b></p><p>Bye</p>', 'Hello Jane\n\nBye'],
  ['<h1>Title</h1>text', 'Title\n\ntext'],
  ['<a href="https://example.com/x">here</a>', 'here [https://example.com/x]'],
  ['<a href="https://example.com/">https://example.com/</a>', 'https://example.com/'],
  ['<img src="x.png" alt="logo">after', 'after'],
  ['<style>p{}</style><script>x</script>seen', 'seen'],
  ['<ul><li>a</li><li>b</li></ul>', '* a\n * b'],
  ['&lt;b&gt; &amp; &#8364;', '<b> & €'],
  ['', ''],
])('%s', (html, want) => {
  expect(textAlternative(html)).toBe(want)
})

test('neither depth nor length is without bound', () => {
  expect(textAlternative('<div>'.repeat(50_000)).length).toBeLessThan(1000)
  expect(textAlternative(`<p>${'word '.repeat(400_000)}</p>`).length).toBeLessThan(1_000_000)
  textAlternative('<a '.repeat(100_000))
  textAlternative('<!--'.repeat(100_000))
  textAlternative('&'.repeat(100_000))
})
