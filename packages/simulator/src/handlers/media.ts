import { node } from '../wire/node.js'
import type { QueryTable } from './query.js'

/** Where media go to and come from. `media_conn` is the first child and has what the strictest of clients asks for. */
export const mediaHandlers: QueryTable = {
  'w:m/set/media_conn': ({ server }) => {
    const { hostnames, auth } = server.media
    const hosts = hostnames.map((hostname, index) =>
      node('host', { hostname, type: index === 0 ? 'primary' : 'fallback', class: 'mms' }, [
        node('upload'),
        node('download'),
      ]),
    )
    return [node('media_conn', { auth, ttl: '300', auth_ttl: '21600', max_buckets: '12' }, hosts)]
  },
}
