
(() => {
  'use strict';

  // The theme: what the system says, until somebody presses the button.
  const root = document.documentElement;
  const prefersDark = matchMedia('(prefers-color-scheme: dark)');
  const isDark = () => (root.dataset.theme ?? (prefersDark.matches ? 'dark' : 'light')) === 'dark';
  const theme = document.createElement('button');
  theme.id = 'theme';
  theme.type = 'button';
  const name = () => { theme.textContent = isDark() ? 'Light theme' : 'Dark theme'; };
  theme.addEventListener('click', () => { root.dataset.theme = isDark() ? 'light' : 'dark'; name(); });
  prefersDark.addEventListener('change', name);
  name();
  document.querySelector('header').prepend(theme);
})();
