// Places for the names of points, so that none covers another name or a point. Pure geometry; lengths are pixels.

const HEIGHT = 15;
const CLEAR = 9;  // between a point and its name
const FAR = [CLEAR, 22, 38, 58, 80];
const DIRECTIONS = [[1, 0], [-1, 0], [0, -1], [0, 1], [0.8, -0.8], [-0.8, -0.8], [0.8, 0.8], [-0.8, 0.8]];

const overlap = (a0, a1, b0, b1) => Math.max(0, Math.min(a1, b1) - Math.max(a0, b0));
const shared = (a, b) => overlap(a.left, a.right, b.left, b.right) * overlap(a.top, a.bottom, b.top, b.bottom);

function boxAt({ x, y }, width, [dx, dy], distance) {
  const [ax, ay] = [x + dx * distance, y + dy * distance];
  const left = dx > 0 ? ax : dx < 0 ? ax - width : ax - width / 2;
  const top = dy > 0 && dx === 0 ? ay : dy < 0 && dx === 0 ? ay - HEIGHT : ay - HEIGHT / 2;
  return { left, top, right: left + width, bottom: top + HEIGHT };
}

// A box for the name of each point {x, y, width, radius} within `bounds`, those of the first points best; `isFar` where a line
// has to lead to it.
export function placeLabels(points, bounds) {
  const dots = points.map(({ x, y, radius }) => ({ left: x - radius - 1, right: x + radius + 1, top: y - radius - 1, bottom: y + radius + 1 }));
  const placed = [];
  return points.map((point) => {
    let best = null;
    for (const distance of FAR) {
      for (const direction of DIRECTIONS) {
        const box = boxAt(point, point.width, direction, distance);
        const outside = point.width * HEIGHT - shared(box, bounds);
        const cost = 4 * outside + [...placed, ...dots].reduce((sum, other) => sum + shared(box, other), 0);
        if (best === null || cost < best.cost - 1e-6) best = { ...box, cost, isFar: distance > CLEAR };
      }
      if (best.cost < 1) break;
    }
    placed.push(best);
    return best;
  });
}
