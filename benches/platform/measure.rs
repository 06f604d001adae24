//! One run of a program as a whole process: its CPU time and peak memory, and whether it printed what it should.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use wait4::Wait4;

/// What the kernel counted for a process that ended.
#[derive(Clone, Copy)]
pub struct Usage {
    /// User and system time together: the kernel measures their sum in nanoseconds, the two apart in ticks.
    pub cpu: Duration,
    /// The most memory that was resident at once, in bytes. A process starts with what its parent has resident, so
    /// whoever measures keeps itself small: nothing here holds an output as a whole.
    pub peak: u64,
}

/// What is done with the output of a run.
#[derive(Clone, Copy)]
pub enum Output<'a> {
    /// It is written to a file.
    Save(&'a Path),
    /// It must be the same as that of a file, byte for byte.
    Same(&'a Path),
    /// It is read, and nothing is asked of it.
    Any,
}

/// Runs a program to its end. What it prints goes through a pipe and is read at once.
pub fn run(command: &mut Command, output: Output<'_>) -> io::Result<Usage> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let seen = child.stdout.take().map_or(Ok(()), |stdout| read(stdout, output));
    let end = child.wait4()?;
    let program = command.get_program().display();
    if !end.status.success() {
        return Err(io::Error::other(format!("{program} ended with {}", end.status)));
    }
    seen.map_err(|error| io::Error::other(format!("{program}: {error}")))?;
    Ok(Usage { cpu: end.rusage.utime + end.rusage.stime, peak: end.rusage.maxrss })
}

const CHUNK: usize = 1 << 16;

fn read(mut stream: impl Read, output: Output<'_>) -> io::Result<()> {
    let mut file = match output {
        Output::Save(path) => Some(File::create(path)?),
        Output::Same(path) => Some(File::open(path)?),
        Output::Any => None,
    };
    let (mut chunk, mut expected) = (vec![0; CHUNK], vec![0; CHUNK]);
    let (mut same, mut position) = (true, 0);
    loop {
        let length = stream.read(&mut chunk)?;
        let bytes = chunk.get(..length).unwrap_or_default();
        match (&mut file, output) {
            (Some(file), Output::Save(_)) => file.write_all(bytes)?,
            // After a difference the rest is still read, so that the program comes to its end.
            (Some(file), _) if same => same = is_next(file, bytes, &mut expected)?,
            _ => {}
        }
        if length == 0 {
            break;
        }
        position += if same { length } else { 0 };
    }
    match output {
        Output::Same(path) if !same => {
            let path = path.display();
            Err(io::Error::other(format!("the output is not `{path}`: they differ after byte {position}")))
        }
        _ => Ok(()),
    }
}

/// Whether a file goes on with these bytes; with none, whether it ends.
fn is_next(file: &mut File, bytes: &[u8], room: &mut [u8]) -> io::Result<bool> {
    if bytes.is_empty() {
        return Ok(file.read(room)? == 0);
    }
    let Some(room) = room.get_mut(..bytes.len()) else { return Ok(false) };
    match file.read_exact(room) {
        Ok(()) => Ok(room == bytes),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}
