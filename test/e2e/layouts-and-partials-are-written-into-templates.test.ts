//
// Layouts and partials, MJML included, are part of a template when it is saved; published, they change all that take them in, or none.

import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type Lab, startLab } from '../support/appliance.ts'
import { templateLab } from '../support/template-lab.ts'

let lab: Lab
beforeAll(async () => {
  lab = await startLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

const { add, ask, change, letterOf, refused } = templateLab(() => lab)

describe('layouts and partials', () => {
  beforeAll(async () => {
    await add({
      name: 'base',
      kind: 'layout',
      mjml: '<mjml><mj-body>{% block content %}{% endblock %}</mj-body></mjml>',
      publish: true,
    })
    await add({
      name: 'foot',
      kind: 'partial',
      mjml: '<mj-section><mj-column><mj-text>by {{ company }}</mj-text></mj-column></mj-section>',
      publish: true,
    })
    await add({
      name: 'set-in',
      subject: 's',
      mjml: '{% layout "base" %}<mj-section><mj-column><mj-text>Hello {{ name }}</mj-text></mj-column></mj-section>',
      publish: true,
    })
  })

  test('are written in when a template is saved, MJML and all', async () => {
    const letter = await letterOf({ template_id: 'set-in', data: { name: 'Ann' } })
    expect(letter).toContain('Hello Ann')
    expect(letter).toContain('role="presentation"')
    expect(letter).not.toContain('<mj-')
    expect(letter).not.toContain('fonts.googleapis')
  })

  test('that are published change every published template that takes them in', async () => {
    const mjml = '<mjml><mj-body>{% block content %}{% endblock %}{% render "foot" %}</mj-body></mjml>'
    await change('base', { mjml })
    expect(await letterOf({ template_id: 'set-in', data: { name: 'Ann' } })).not.toContain('by ')
    await ask('POST', '/v1/templates/base/publish', {})
    const letter = await letterOf({ template_id: 'set-in', data: { name: 'Ann', company: 'ACME' } })
    expect(letter).toContain('by ACME')
  })

  test('that would spoil a published template are not published, and it is named', async () => {
    await change('base', {
      mjml: '<mjml><mj-body>{% block content %}{% endblock %}{% block content %}x</mj-body></mjml>',
    })
    const spoiling = await change('base', { mjml: null, html: '{% block content %}{% endblock %}' })
    expect(spoiling.status).toBe(200)
    const published = await ask('POST', '/v1/templates/base/publish', {})
    expect(published).toMatchObject({ status: 422, body: { error: { code: 'template_error' } } })
    expect(published.body.error.message).toContain('would break the template "set-in"')
    expect(await letterOf({ template_id: 'set-in', data: { name: 'Ann', company: 'ACME' } })).toContain(
      'by ACME',
    )
  })

  test('are neither sent nor removed while somebody needs them', async () => {
    expect(await refused({ template_id: 'base' })).toMatchObject({ field: { code: 'unknown_template' } })
    const removed = await ask('DELETE', '/v1/templates/foot')
    expect(removed).toMatchObject({ status: 409, body: { error: { code: 'template_in_use' } } })
    expect(removed.body.error.message).toContain('set-in')
    expect(await change('foot', { name: 'footer' })).toMatchObject({ status: 409 })
  })

  test('go in no circle, and have to be there', async () => {
    expect(await add({ name: 'lost', html: '{% render "nowhere" %}' })).toMatchObject({
      status: 422,
      body: { error: { code: 'template_error' } },
    })
    await add({ name: 'ring', kind: 'partial', html: 'x', publish: true })
    const circle = await change('ring', { html: '{% render "ring" %}' })
    expect(circle.body.error.message).toContain('ring → ring')
  })
})
