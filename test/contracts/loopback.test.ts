import { expect, it } from 'vitest';
import { areLoopback, isLoopback } from '../../src/contracts/loopback.ts';

it.each(['localhost', 'LOCALHOST', '127.0.0.1', '127.1.2.3', '[::1]'])('%s is this machine, with a port as well', (host) => {
  expect([isLoopback(host), areLoopback([host, `${host}:9092`])]).toEqual([true, true]);
});

it('::1 is this machine; a port behind it would be a part of the address', () => {
  expect([isLoopback('::1'), areLoopback(['::1']), areLoopback(['::1:9092'])]).toEqual([true, true, false]);
});

it.each(['kafka', '10.0.0.1', 'localhost.example.com', '127.0.0.1.example.com', '[::2]', '127.0.0.1@example.com'])(
  '%s is another machine, and so are addresses of which it is one',
  (host) => {
    expect([isLoopback(host), areLoopback(['localhost:9092', `${host}:9092`])]).toEqual([false, false]);
  },
);
