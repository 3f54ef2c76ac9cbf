/** A value that carries its own links, so that filing it costs no allocation. */
export interface Linked<T> {
  prev: T | undefined
  next: T | undefined
}

/** A doubly linked list of nodes that are in at most one list at a time. */
export class LinkedList<T extends Linked<T>> {
  #head: T | undefined
  #tail: T | undefined
  #size = 0

  get size(): number {
    return this.#size
  }

  get first(): T | undefined {
    return this.#head
  }

  get last(): T | undefined {
    return this.#tail
  }

  push(node: T): void {
    node.prev = this.#tail
    node.next = undefined
    if (this.#tail) this.#tail.next = node
    else this.#head = node
    this.#tail = node
    this.#size++
  }

  /** The node must be in this list. */
  remove(node: T): void {
    if (node.prev) node.prev.next = node.next
    else this.#head = node.next
    if (node.next) node.next.prev = node.prev
    else this.#tail = node.prev
    node.prev = undefined
    node.next = undefined
    this.#size--
  }

  /** The current node may be removed while iterating. */
  *[Symbol.iterator](): Generator<T, void, undefined> {
    let node = this.#head
    while (node) {
      const next: T | undefined = node.next
      yield node
      node = next
    }
  }
}
