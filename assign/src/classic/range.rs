use std::collections::BTreeMap;

use ottla_types::Str;

use super::{
    Assignment, ClassicMember, Partition, in_order, nothing,
    racks::{Nearness, Racks, is_near, rack_of},
};

/// Every topic for itself: members in order, the first ones get one more where it does not come out even. Where racks
/// matter, what is near goes first, and of topics with the same readers and as many partitions the same ones together.
pub(super) fn assign(members: &[ClassicMember], counts: &BTreeMap<Str, i32>, racks: &Racks) -> Assignment {
    let order = in_order(members);
    let topics = counts.iter().filter_map(|(topic, count)| Topic::new(topic, *count, &order));
    let mut topics: Vec<Topic<'_>> = topics.collect();
    if topics.iter().any(|topic| topic.gains_by(racks)) {
        give_nearby(&mut topics, racks);
    }
    let mut assignment = nothing(members);
    for topic in &mut topics {
        topic.give_ranges(|_, _| true);
        for (index, owner) in (0..).zip(&topic.owners) {
            let owner = owner.map(|reader| topic.readers[reader].member_id.clone());
            let part = owner.map(|owner| assignment.entry(owner).or_default());
            part.into_iter().for_each(|part| part.push((topic.name.clone(), index)));
        }
    }
    assignment
}

/// First what is near its reader.
fn give_nearby(topics: &mut [Topic<'_>], racks: &Racks) {
    let mut alike: BTreeMap<(Vec<&Str>, usize), Vec<&mut Topic<'_>>> = BTreeMap::new();
    for topic in topics {
        let has_racks = topic.readers.iter().any(|reader| rack_of(reader).is_some());
        let partitions = if has_racks { topic.owners.len() } else { 0 };
        let readers = topic.readers.iter().map(|reader| &reader.member_id).collect();
        alike.entry((readers, partitions)).or_default().push(topic);
    }
    for ((_, partitions), mut topics) in alike {
        match &mut topics[..] {
            [topic] if topic.gains_by(racks) => {
                let readers = topic.readers.clone();
                topic.give_ranges(|reader, partition| is_near(readers[reader], partition, racks));
            }
            [_] => {}
            together => give_together(together, partitions, racks),
        }
    }
}

/// Topics whose equal partitions are to meet at one reader, as far as it is near to all of them.
fn give_together(topics: &mut [&mut Topic<'_>], partitions: usize, racks: &Racks) {
    let readers = topics.first().map_or(0, |topic| topic.readers.len());
    for index in 0..partitions {
        let fits = |topic: &&mut Topic<'_>, reader: usize| {
            topic.room(reader) > 0 && is_near(topic.readers[reader], &topic.partition(index), racks)
        };
        let reader = (0..readers).find(|reader| topics.iter().all(|topic| fits(topic, *reader)));
        if let Some(reader) = reader {
            topics.iter_mut().for_each(|topic| topic.give(reader, index));
        }
    }
}

/// A topic that is being given out.
struct Topic<'a> {
    name: &'a Str,
    /// In the order in which they are served.
    readers: Vec<&'a ClassicMember>,
    /// Readers by partition.
    owners: Vec<Option<usize>>,
    /// How many partitions each reader has.
    sizes: Vec<usize>,
    /// What everybody gets.
    quota: usize,
    /// How many readers may still get one more.
    extra: usize,
}

impl<'a> Topic<'a> {
    /// `None` where nobody reads it.
    fn new(name: &'a Str, count: i32, order: &[&'a ClassicMember]) -> Option<Self> {
        let readers: Vec<_> = order.iter().filter(|member| member.topics.contains(name)).copied().collect();
        let count = usize::try_from(count).unwrap_or_default();
        Some(Self {
            name,
            owners: vec![None; count],
            sizes: vec![0; readers.len()],
            quota: count.checked_div(readers.len())?,
            extra: count % readers.len(),
            readers,
        })
    }

    fn partition(&self, index: usize) -> Partition {
        (self.name.clone(), i32::try_from(index).unwrap_or(i32::MAX))
    }

    fn gains_by(&self, racks: &Racks) -> bool {
        let partitions = (0..self.owners.len()).map(|index| self.partition(index));
        Nearness::of(&self.readers, partitions, racks).matters()
    }

    /// How many more a reader may get.
    fn room(&self, reader: usize) -> usize {
        (self.quota + usize::from(self.extra > 0)).saturating_sub(self.sizes[reader])
    }

    fn give(&mut self, reader: usize, index: usize) {
        self.owners[index] = Some(reader);
        self.sizes[reader] += 1;
        if self.sizes[reader] > self.quota {
            self.extra = self.extra.saturating_sub(1);
        }
    }

    /// Every reader in turn gets as much as it may of what nobody has.
    fn give_ranges(&mut self, may: impl Fn(usize, &Partition) -> bool) {
        for reader in 0..self.readers.len() {
            let room = self.room(reader);
            let is_free =
                |index: &usize| self.owners[*index].is_none() && may(reader, &self.partition(*index));
            let part: Vec<usize> = (0..self.owners.len()).filter(is_free).take(room).collect();
            part.into_iter().for_each(|index| self.give(reader, index));
        }
    }
}
