import { describe, expect, it } from 'vitest'
import { fileHeaders, safeMediaType } from './file-headers.js'

describe('the headers of a file', () => {
  it.each([
    ['image/jpeg', 'inline'],
    ['audio/ogg; codecs=opus', 'inline'],
    ['video/mp4', 'inline'],
    ['image/svg+xml', 'attachment'],
    ['text/html', 'attachment'],
    ['application/pdf', 'attachment'],
    ['IMAGE/PNG', 'inline'],
  ])('say of %s that it is %s', (mediaType, kind) => {
    const headers = fileHeaders({ mediaType, fileName: 'a' })
    expect(headers['content-disposition']?.split(';')[0]).toBe(kind)
    expect(headers['content-security-policy']).toContain('sandbox')
  })

  it.each([
    ['a b.pdf', `filename="a_b.pdf"; filename*=UTF-8''a%20b.pdf`],
    ['x"; evil="1', `filename="x___evil__1"; filename*=UTF-8''x%22%3B%20evil%3D%221`],
    ['año\r\nSet-Cookie: a=b', `filename="a_o__Set-Cookie__a_b"; filename*=UTF-8''a%C3%B1o__Set-Cookie%3A%20a%3Db`],
    ['../../.ssh/key', `filename="___.._.ssh_key"; filename*=UTF-8''___.._.ssh_key`],
    ['..\\..\\start.bat', `filename="___.._start.bat"; filename*=UTF-8''___.._start.bat`],
    ['.bashrc', `filename="_bashrc"; filename*=UTF-8''_bashrc`],
    ['a\u0000\u0085b', `filename="a__b"; filename*=UTF-8''a__b`],
    ["it's (1)*.txt", `filename="it_s__1__.txt"; filename*=UTF-8''it%27s%20%281%29%2A.txt`],
    ['\ud83d', `filename="_"; filename*=UTF-8''_`],
  ])('name %j so that nothing else can be said', (fileName, said) => {
    expect(fileHeaders({ mediaType: 'application/pdf', fileName })['content-disposition']).toBe(`attachment; ${said}`)
  })
})

it.each([
  ['image/jpeg', 'image/jpeg'],
  ['audio/ogg; codecs=opus', 'audio/ogg; codecs=opus'],
  ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', undefined],
  ['text/html\r\nSet-Cookie: a=b', 'application/octet-stream'],
  ['', 'application/octet-stream'],
  ['jpeg', 'application/octet-stream'],
])('the media type %j is answered as %s', (given, answered) => {
  expect(safeMediaType(given)).toBe(answered ?? given)
})
