/** Makes the pages better where JavaScript runs; everything works without it. */

/** Shows times in the reader's own locale and zone; the exact UTC time stays in `title`. */
function localizeTimes(within) {
  const date = { year: 'numeric', month: 'long', day: 'numeric' };
  const exact = { ...date, hour: '2-digit', minute: '2-digit', timeZoneName: 'short' };
  for (const element of within.querySelectorAll('time[datetime]')) {
    const format = new Intl.DateTimeFormat(undefined, 'exact' in element.dataset ? exact : date);
    element.textContent = format.format(new Date(element.dateTime));
    element.lang = format.resolvedOptions().locale;
  }
}

/** A filter box above a long list of choices; the chosen one is always shown, so nobody allows what they can't see. */
function enableFilter(box) {
  const list = document.getElementById(box.dataset.filter);
  const nothing = list.parentElement.querySelector('.nothing');
  const input = box.querySelector('input');
  const status = box.querySelector('[role=status]');
  const items = [...list.children];
  const texts = items.map((item) => (item.querySelector('.choice-name') ?? item).textContent.toLocaleLowerCase());

  const apply = () => {
    const wanted = input.value.trim().toLocaleLowerCase();
    let matches = 0;
    items.forEach((item, index) => {
      const match = texts[index].includes(wanted);
      matches += match ? 1 : 0;
      item.hidden = !match && item.querySelector(':checked') === null;
    });
    nothing.hidden = matches > 0;
    status.textContent = wanted === '' ? '' : `${matches} of ${items.length} match`;
  };
  input.addEventListener('input', apply);
  list.addEventListener('change', apply);
  input.addEventListener('keydown', (event) => {
    // Enter would press the form's first button, "Allow access".
    if (event.key === 'Enter') event.preventDefault();
    if (event.key === 'Escape' && input.value !== '') {
      // The first Escape empties the box, the next one closes the menu around it.
      event.stopPropagation();
      input.value = '';
      apply();
    }
  });
  box.hidden = false;
  // The browser may have kept what was typed before the page was reloaded.
  apply();
}

function enableCopy(button) {
  if (!navigator.clipboard) return;
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.textContent = 'Copied';
    setTimeout(() => {
      button.textContent = label;
    }, 2000);
  });
}

function enableFill(button) {
  button.hidden = false;
  button.addEventListener('click', () => {
    document.getElementById('email').value = button.dataset.fillEmail;
    document.getElementById('password').value = button.dataset.fillPassword;
    document.querySelector('form button[type=submit]').focus();
  });
}

/** A menu closes on Escape, on a click beside it, and when the focus leaves it. */
function enableMenu(menu) {
  const summary = menu.querySelector('summary');
  menu.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !menu.open) return;
    menu.open = false;
    summary.focus();
  });
  menu.addEventListener('focusout', (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });
  document.addEventListener('click', (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
}

const SETTLES_AFTER_MS = 500;

/**
 * A button that gives something away does nothing before its page was visible and had the focus for half a second without a
 * break: another page that opens or uncovers this one under the second click of a double click gets nothing for it.
 * `aria-disabled` and not `disabled`, which would take the focus from it and hide it from the keyboard.
 */
function settle(button) {
  let timer;
  const begin = () => {
    clearTimeout(timer);
    button.setAttribute('aria-disabled', 'true');
    if (document.visibilityState !== 'visible' || !document.hasFocus()) return;
    timer = setTimeout(() => button.removeAttribute('aria-disabled'), SETTLES_AFTER_MS);
  };
  // Enter in a field presses it too, which is no click.
  button.form.addEventListener('submit', (event) => {
    if (event.submitter === button && button.hasAttribute('aria-disabled')) event.preventDefault();
  });
  for (const name of ['focus', 'blur', 'pageshow']) window.addEventListener(name, begin);
  document.addEventListener('visibilitychange', begin);
  begin();
}

/** Asks on the page itself what the link's own page asks; where that does not come, the link is followed. */
function enableConfirmation(link) {
  link.addEventListener('click', async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    try {
      const response = await fetch(link.href, { headers: { Accept: 'text/html' }, redirect: 'error' });
      const page = new DOMParser().parseFromString(await response.text(), 'text/html');
      const confirmation = response.ok && page.querySelector('.confirmation');
      if (!confirmation) throw new Error('no confirmation');
      showDialog(document.adoptNode(confirmation), link);
    } catch {
      window.location.assign(link.href);
    }
  });
}

function showDialog(confirmation, opener) {
  const dialog = document.createElement('dialog');
  dialog.className = 'dialog';
  dialog.setAttribute('aria-labelledby', confirmation.getAttribute('aria-labelledby'));
  // Below the page's own heading it is no second title of the page.
  confirmation.removeAttribute('aria-labelledby');
  const link = confirmation.querySelector('a[data-cancel]');
  if (link) {
    // A real button, which Space presses as well.
    const cancel = document.createElement('button');
    cancel.type = 'button';
    cancel.className = link.className;
    cancel.textContent = link.textContent;
    // What cannot be undone should not be what Enter presses first.
    cancel.autofocus = true;
    cancel.addEventListener('click', () => dialog.close());
    link.replaceWith(cancel);
  }
  dialog.append(confirmation);
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener('close', () => {
    dialog.remove();
    opener.focus();
  });
  document.body.append(dialog);
  localizeTimes(dialog);
  dialog.showModal();
  for (const button of dialog.querySelectorAll('[data-settles]')) settle(button);
}

localizeTimes(document);
for (const box of document.querySelectorAll('[data-filter]')) enableFilter(box);
for (const button of document.querySelectorAll('[data-copy]')) enableCopy(button);
for (const button of document.querySelectorAll('[data-fill-email]')) enableFill(button);
for (const button of document.querySelectorAll('[data-settles]')) settle(button);
for (const menu of document.querySelectorAll('details.menu')) enableMenu(menu);
for (const link of document.querySelectorAll('a[data-confirmation]')) enableConfirmation(link);
