/** Makes the pages better where JavaScript runs; everything works without it. */

/** Shows times in the reader's own locale and zone; the exact UTC time stays in `title`. */
function localizeTimes() {
  const date = { year: 'numeric', month: 'long', day: 'numeric' };
  const exact = { ...date, hour: '2-digit', minute: '2-digit', timeZoneName: 'short' };
  for (const element of document.querySelectorAll('time[datetime]')) {
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
    if (event.key === 'Escape') {
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

localizeTimes();
for (const box of document.querySelectorAll('[data-filter]')) enableFilter(box);
for (const button of document.querySelectorAll('[data-copy]')) enableCopy(button);
for (const button of document.querySelectorAll('[data-fill-email]')) enableFill(button);
