//! A browser that is driven over the DevTools protocol, through two named pipes: nothing but std, `sh` and `mkfifo`.

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// The browser's program; none where there is none.
pub(super) fn program() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("SICKBAY_BROWSER") {
        return Some(named.into());
    }
    let path = std::env::var_os("PATH")?;
    let names = [
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
        "chrome",
    ];
    let files = names
        .into_iter()
        .flat_map(|name| std::env::split_paths(&path).map(move |dir| dir.join(name)));
    files.into_iter().find(|file| file.is_file())
}

/// A running browser with one page.
pub(super) struct Browser {
    child: Child,
    asks: File,
    answers: Receiver<Value>,
    /// What the page said and asked for meanwhile.
    events: VecDeque<Value>,
    asked: u64,
    session: Option<String>,
    _profile: tempfile::TempDir,
}

impl Browser {
    #[expect(clippy::disallowed_methods, reason = "the browser writes while nobody reads")]
    pub(super) fn start(program: &Path) -> Browser {
        let profile = tempfile::tempdir().expect("a folder for the browser");
        let [asks, answers] = ["asks", "answers"].map(|name| profile.path().join(name));
        let made = Command::new("mkfifo")
            .args([&asks, &answers])
            .status()
            .expect("mkfifo runs");
        assert!(made.success());
        let log = File::create(profile.path().join("log")).expect("a log");
        let mut command = Command::new("sh");
        command
            .args(["-c", "exec \"$0\" \"$@\" 3<\"$ASKS\" 4>\"$ANSWERS\""])
            .arg(program);
        command.args([
            "--headless",
            "--remote-debugging-pipe",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--window-size=1280,1000",
        ]);
        command.arg(format!("--user-data-dir={}", profile.path().join("profile").display()));
        if is_root() {
            // The sandbox does not start as root, as in CI's containers; the pages are our own.
            command.arg("--no-sandbox");
        }
        command.env("ASKS", &asks).env("ANSWERS", &answers);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let child = command.spawn().expect("the browser starts");
        // Each opening waits for the other end, in the shell's order.
        let asks = OpenOptions::new().write(true).open(&asks).expect("a pipe");
        let answers = File::open(&answers).expect("a pipe");
        let (tell, told) = channel();
        thread::spawn(move || {
            for message in BufReader::new(answers).split(0) {
                let Ok(message) = message else { return };
                let Ok(message) = serde_json::from_slice(&message) else {
                    return;
                };
                if tell.send(message).is_err() {
                    return;
                }
            }
        });
        let mut browser = Browser {
            child,
            asks,
            answers: told,
            events: VecDeque::new(),
            asked: 0,
            session: None,
            _profile: profile,
        };
        let target = browser.ask("Target.createTarget", json!({"url": "about:blank"}));
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let session = browser.ask("Target.attachToTarget", attach);
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.ask(&format!("{domain}.enable"), json!({}));
        }
        browser
    }

    /// Asks for something and waits for the answer.
    pub(super) fn ask(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        let mut message = json!({"id": self.asked, "method": method, "params": params});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.asks.write_all(&bytes).expect("the browser listens");
        loop {
            let answer = self.answers.recv_timeout(PATIENCE);
            let answer = answer.unwrap_or_else(|error| panic!("no answer to {method}: {error}"));
            if answer["id"] == self.asked {
                assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
                return answer["result"].clone();
            }
            self.events.push_back(answer);
        }
    }

    /// Opens a file and waits until the page says that it is ready; what was said before is forgotten. How long that took.
    #[expect(clippy::disallowed_methods, reason = "how long a page takes is what is asked")]
    pub(super) fn open(&mut self, file: &Path) -> Duration {
        let begun = Instant::now();
        self.go(file);
        while self.value("document.documentElement.dataset.ready ?? ''") != "yes" {
            assert!(
                begun.elapsed() < PATIENCE,
                "{} is never ready: {:?}",
                file.display(),
                self.complaints()
            );
            thread::sleep(Duration::from_millis(20));
        }
        begun.elapsed()
    }

    /// Opens a file and waits for nothing but that it is loaded.
    #[expect(
        clippy::disallowed_methods,
        reason = "a page that never loads must not be waited for"
    )]
    pub(super) fn go(&mut self, file: &Path) {
        self.events.clear();
        let file = fs::canonicalize(file).expect("a page");
        self.ask("Page.navigate", json!({"url": format!("file://{}", file.display())}));
        let begun = Instant::now();
        while self.value("document.readyState + location.protocol") != "completefile:" {
            assert!(begun.elapsed() < PATIENCE, "{} does not load", file.display());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// What an expression gives; of a promise what it keeps.
    pub(super) fn value(&mut self, expression: &str) -> Value {
        let params = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let answer = self.ask("Runtime.evaluate", params);
        assert!(
            answer["exceptionDetails"].is_null(),
            "{expression:.80}: {}",
            answer["exceptionDetails"]
        );
        answer["result"]["value"].clone()
    }

    /// Presses and lets go of a key.
    pub(super) fn press(&mut self, key: &str) {
        let code = match key {
            "Tab" => 9,
            "ArrowRight" => 39,
            "ArrowDown" => 40,
            "+" => 107,
            _ => panic!("{key}"),
        };
        for kind in ["rawKeyDown", "keyUp"] {
            let event = json!({"type": kind, "key": key, "windowsVirtualKeyCode": code, "nativeVirtualKeyCode": code});
            self.ask("Input.dispatchKeyEvent", event);
        }
    }

    /// Errors on the console, refusals of the policy, exceptions: everything that a clean page does not say.
    pub(super) fn complaints(&self) -> Vec<String> {
        let of = |event: &Value| {
            let (method, params) = (event["method"].as_str()?, &event["params"]);
            match method {
                "Runtime.exceptionThrown" | "Security.certificateError" => Some(params.to_string()),
                "Runtime.consoleAPICalled" => Some(params["args"].to_string()),
                "Log.entryAdded" => Some(params["entry"]["text"].to_string()),
                "Page.javascriptDialogOpening" => Some("a dialog".to_owned()),
                _ => None,
            }
        };
        self.events.iter().filter_map(of).collect()
    }

    /// What was asked for beside the page itself.
    pub(super) fn requests(&self) -> Vec<String> {
        let sent = self
            .events
            .iter()
            .filter(|event| event["method"] == "Network.requestWillBeSent");
        let urls = sent.map(|event| event["params"]["request"]["url"].to_string());
        urls.filter(|url| !(url.starts_with("\"file://") && url.ends_with(".html\"")))
            .collect()
    }

    /// How many requests there were at all.
    pub(super) fn asked_for(&self) -> usize {
        self.events
            .iter()
            .filter(|event| event["method"] == "Network.requestWillBeSent")
            .count()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|id| id.stdout.trim_ascii() == b"0")
}
