//! `kafka-metadata-quorum describe`: who keeps the metadata, and how far they are.

use ottla_client::{QuorumInfo, QuorumReplica};

use super::{
    Stop, Tool,
    argparse::{Grammar, Parsed, flag, value},
    connection,
};
use crate::{
    clock::now_ms,
    verbs::{client_runtime, say::say},
};

pub(super) const TOOL: Tool = Tool::of_words("kafka-metadata-quorum", run);

const GRAMMAR: Grammar = Grammar {
    program: "kafka-metadata-quorum",
    about: "This tool describes kraft metadata quorum status.",
    options: &[value("--bootstrap-server"), value("--bootstrap-controller"), value("--command-config")],
    commands: &[
        ("describe", &[flag("--status"), flag("--replication"), flag("--human-readable")]),
        ("add-controller", &[flag("--dry-run")]),
        (
            "remove-controller",
            &[value("--controller-id"), value("--controller-directory-id"), flag("--dry-run")],
        ),
    ],
    one_of: &[],
};

fn run(words: &[String]) -> Result<(), Stop> {
    let wrong = |why: &str| GRAMMAR.complaint(why);
    let parsed = GRAMMAR.read(words, wrong)?;
    if !parsed.has("--bootstrap-server") && !parsed.has("--bootstrap-controller") {
        return Err(wrong("one of the arguments --bootstrap-server --bootstrap-controller is required"));
    }
    if parsed.command != "describe" {
        return Err(Stop::Complained(format!("{} is not supported yet", parsed.command)));
    }
    let complain = |why: &str| Err(Stop::Complained(why.to_owned()));
    match (parsed.has("--status"), parsed.has("--replication"), parsed.has("--human-readable")) {
        (true, true, _) => {
            complain("Only one of --status or --replication should be specified with describe sub-command")
        }
        (false, false, _) => {
            complain("One of --status or --replication must be specified with describe sub-command")
        }
        (true, _, true) => complain("The option --human-readable is only supported along with --replication"),
        (true, _, false) => status(&parsed),
        (_, true, readable) => replication(&parsed, readable),
    }
}

fn status(parsed: &Parsed) -> Result<(), Stop> {
    let bootstrap = connection::of_parsed(parsed)?;
    client_runtime()?.block_on(async {
        let client = connection::connect(&bootstrap).await?;
        let cluster = client.cluster().await?.id;
        let quorum = client.quorum().await?;
        let leader = leader(&quorum)?;
        let last = quorum.voters.iter().min_by_key(|voter| voter.log_end_offset).unwrap_or(leader);
        let behind_ms = match (leader.last_caught_up, last.last_caught_up) {
            _ if last.id == leader.id => 0,
            (Some(leader), Some(last)) => leader - last,
            _ => -1,
        };
        say!("ClusterId:              {cluster}");
        say!("LeaderId:               {}", quorum.leader);
        say!("LeaderEpoch:            {}", quorum.epoch);
        say!("HighWatermark:          {}", quorum.high_watermark);
        say!("MaxFollowerLag:         {}", leader.log_end_offset - last.log_end_offset);
        say!("MaxFollowerLagTimeMs:   {behind_ms}");
        say!("CurrentVoters:          {}", list(&quorum, &quorum.voters));
        say!("CurrentObservers:       {}", list(&quorum, &quorum.observers));
        Ok(())
    })
}

fn leader(quorum: &QuorumInfo) -> Result<&QuorumReplica, Stop> {
    let found = quorum.voters.iter().find(|voter| voter.id == quorum.leader);
    found.ok_or_else(|| Stop::Complained("the quorum has no leader".into()))
}

fn list(quorum: &QuorumInfo, replicas: &[QuorumReplica]) -> String {
    let one = |replica: &QuorumReplica| {
        let directory = if replica.directory.is_zero() {
            "null".to_owned()
        } else {
            format!("\"{}\"", replica.directory)
        };
        let endpoints = quorum.endpoints.get(&replica.id).filter(|all| !all.is_empty()).map(|all| {
            let all: Vec<_> = all.iter().map(|endpoint| format!("\"{endpoint}\"")).collect();
            format!(", \"endpoints\": [{}]", all.join(", "))
        });
        let id = replica.id;
        format!("{{\"id\": {id}, \"directoryId\": {directory}{}}}", endpoints.unwrap_or_default())
    };
    format!("[{}]", replicas.iter().map(one).collect::<Vec<_>>().join(", "))
}

fn replication(parsed: &Parsed, readable: bool) -> Result<(), Stop> {
    let bootstrap = connection::of_parsed(parsed)?;
    let quorum = client_runtime()?.block_on(async {
        let client = connection::connect(&bootstrap).await?;
        Ok::<_, Stop>(client.quorum().await?)
    })?;
    let leader = leader(&quorum)?;
    let now = now_ms();
    let time = |time: Option<i64>| match time {
        None => "-1".to_owned(),
        Some(time) if readable => format!("{} ms ago", (now - time).max(0)),
        Some(time) => time.to_string(),
    };
    let row = |replica: &QuorumReplica, role: &str| {
        vec![
            replica.id.to_string(),
            replica.directory.to_string(),
            replica.log_end_offset.to_string(),
            (leader.log_end_offset - replica.log_end_offset).to_string(),
            time(replica.last_fetch),
            time(replica.last_caught_up),
            role.to_owned(),
        ]
    };
    let head = [
        "NodeId",
        "DirectoryId",
        "LogEndOffset",
        "Lag",
        "LastFetchTimestamp",
        "LastCaughtUpTimestamp",
        "Status",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec(), row(leader, "Leader")];
    rows.extend(
        quorum.voters.iter().filter(|voter| voter.id != leader.id).map(|voter| row(voter, "Follower")),
    );
    rows.extend(quorum.observers.iter().map(|observer| row(observer, "Observer")));
    let width = |at: usize| rows.iter().map(|row| row[at].len()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    for row in &rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}\t"));
        say!("{}", cells.collect::<String>());
    }
    Ok(())
}
