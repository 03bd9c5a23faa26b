// Puts the token of the link into the form, and takes it out of the address bar and the history.
"use strict";
const field = document.getElementById("token");
if (location.hash.length > 1) {
  field.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  document.getElementById("paste").hidden = true;
}
