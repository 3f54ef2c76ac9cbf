export { digestOf } from '../session/digest.ts'
export { removeIfAbandoned } from './report-socket.ts'
export { reportJsonSchema, reportSchema } from './report-schema.ts'
export { isPrivate, ownUid, runtimeFolders } from './runtime-folder.ts'
