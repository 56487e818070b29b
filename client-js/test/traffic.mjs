// Messages of a test, sent at random times.

/** Sends `count` messages of random lengths, a few at a time; returns them. */
export function sendAtRandom(socket, count, seed, random) {
  const sent = Array.from({ length: count }, (_, index) => {
    return `${seed}:${index}:${"x".repeat(random() < 0.1 ? 1500 : random() * 40)}`;
  });
  let next = 0;
  const sendSome = () => {
    for (let few = random() * 8; few > 0 && next < count; few -= 1) socket.send(sent[next++]);
    if (next < count) setTimeout(sendSome, random() * 10);
  };
  sendSome();
  return sent;
}
