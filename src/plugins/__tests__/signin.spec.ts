import { signInAddress } from '../signin';

describe('the page where one signs in', () => {
  it.each([
    [{}, 'http://127.0.0.1:8888/', 'http://127.0.0.1:8888/login'],
    [{}, '/some/base/', 'https://lab.example/some/base/login'],
    [{ hubPrefix: '/hub/' }, 'https://lab.example/user/ann/', 'https://lab.example/hub/home'],
    [{ hubPrefix: '/hub/', hubHost: 'https://hub.example' }, 'https://ann.lab.example/user/ann/', 'https://hub.example/hub/home']
  ])('of %j with the server at %s is %s', (urls, base, address) => {
    expect(signInAddress(urls, base, 'https://lab.example')).toBe(address);
  });
});
