//! Rings when somebody lets go of a file that he wrote to, touches it, moves it or removes it, and stays silent while
//! it is being written. Must not know what the files are.
//!
//! For a file that its own process writes to all the time: a general file notification would wake the process for
//! every page of its own. Inotify, see inotify(7); on other systems there is none, and the caller listens otherwise.

use std::io;
use std::path::Path;

/// The bell. Nobody rings it any more when it is dropped, but for its thread, which waits for the end of the process.
#[derive(Debug)]
pub struct FileBell {
    #[cfg(target_os = "linux")]
    queue: std::sync::Arc<std::os::fd::OwnedFd>,
}

#[cfg(target_os = "linux")]
mod linux {
    use super::{FileBell, Path, io};
    use rustix::fs::inotify::{self, CreateFlags, Reader, WatchFlags};
    use std::mem::MaybeUninit;
    use std::sync::Arc;
    use std::thread;

    impl FileBell {
        /// Starts it. `ring` is called on a thread of its own and must not wait for anybody.
        ///
        /// # Errors
        /// When the system gives no queue (the user has too many) or no thread.
        pub fn start(ring: impl Fn() + Send + 'static) -> io::Result<Self> {
            let queue = Arc::new(inotify::init(CreateFlags::CLOEXEC)?);
            let heard = Arc::clone(&queue);
            thread::Builder::new().name("bell".into()).spawn(move || {
                let mut buffer = [MaybeUninit::uninit(); 4096];
                let mut reader = Reader::new(&*heard, &mut buffer);
                // The descriptor is ours and blocks: an error other than an interruption is the end of it.
                loop {
                    match reader.next() {
                        Ok(_) => {
                            while !reader.is_buffer_empty() && reader.next().is_ok() {}
                            ring();
                        }
                        Err(rustix::io::Errno::INTR) => {}
                        Err(error) => return tracing::warn!(%error, "a file bell rings no more"),
                    }
                }
            })?;
            Ok(Self { queue })
        }

        /// Rings for this file too; a second time is no other than the first, unless another file stands there now.
        ///
        /// # Errors
        /// When there is no such file, or the user has too many watches.
        pub fn attach(&self, file: &Path) -> io::Result<()> {
            let what = WatchFlags::CLOSE_WRITE
                | WatchFlags::ATTRIB
                | WatchFlags::MOVE_SELF
                | WatchFlags::DELETE_SELF
                | WatchFlags::DONT_FOLLOW;
            inotify::add_watch(&self.queue, file, what)?;
            Ok(())
        }

        /// Rings when the directory itself is moved or removed, whatever happens in it; and so for each above it.
        pub fn attach_way(&self, directory: &Path) {
            let what = WatchFlags::MOVE_SELF
                | WatchFlags::DELETE_SELF
                | WatchFlags::ONLYDIR
                | WatchFlags::DONT_FOLLOW;
            for directory in directory.ancestors() {
                // One that may not be watched may not be moved by the same user either, or is heard of late.
                let _heard = inotify::add_watch(&self.queue, directory, what);
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
impl FileBell {
    /// There is none here.
    ///
    /// # Errors
    /// Always.
    pub fn start(_ring: impl Fn() + Send + 'static) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// There is none here.
    ///
    /// # Errors
    /// Always.
    pub fn attach(&self, _file: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// There is none here.
    pub fn attach_way(&self, _directory: &Path) {}
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::fs::{self, File, OpenOptions};
    use std::io::Write;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    #[test]
    fn it_rings_when_a_writer_lets_go_and_not_while_he_writes() {
        let root = tempfile::tempdir().unwrap();
        let (file, end) = (root.path().join("file"), root.path().join("end"));
        for path in [&file, &end] {
            File::create(path).unwrap();
        }
        let (ring, rung) = channel();
        let bell = FileBell::start(move || ring.send(()).unwrap_or_default()).unwrap();
        bell.attach(&file).unwrap();
        let heard = || rung.recv_timeout(Duration::from_secs(10)).is_ok();
        let mut writer = OpenOptions::new().append(true).open(&file).unwrap();
        for _ in 0..100 {
            writer.write_all(b"x").unwrap();
        }
        // What comes next in the queue is the first that was in it.
        assert!(rung.try_recv().is_err());
        drop(writer);
        assert!(heard());
        bell.attach(&file).unwrap();
        fs::rename(&end, &file).unwrap();
        assert!(heard());
        assert!(bell.attach(&end).is_err());
    }

    #[test]
    fn it_rings_when_a_directory_on_the_way_is_moved_and_not_for_what_is_in_it() {
        let root = tempfile::tempdir().unwrap();
        let way = root.path().join("a/b/c");
        fs::create_dir_all(&way).unwrap();
        let (ring, rung) = channel();
        let bell = FileBell::start(move || ring.send(()).unwrap_or_default()).unwrap();
        bell.attach_way(&way);
        fs::write(way.join("file"), b"x").unwrap();
        fs::rename(way.join("file"), way.join("other")).unwrap();
        assert!(rung.try_recv().is_err());
        fs::rename(root.path().join("a/b"), root.path().join("away")).unwrap();
        assert!(rung.recv_timeout(Duration::from_secs(10)).is_ok());
    }
}
